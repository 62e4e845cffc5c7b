#include "api/reasoning_fields.h"

#include "json/json.h"

#include <string>
#include <utility>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

struct ReadReasoning {
  ReasoningWish wish;
  std::string kwargs, param;
};

ReadReasoning read_reasoning_of(std::string_view body, const ReasoningDefaults& defaults = {},
                                std::string_view kwargs = "{}") {
  const json::Value value = *json::parse(body);
  Fields fields(value);
  json::Value out = *json::parse(kwargs);
  ReasoningWish wish = read_reasoning(fields, defaults, out);
  return {std::move(wish), json::dump(out), fields.error() ? fields.error()->param : ""};
}

TEST_CASE("the template hears whether and how hard to think") {
  CHECK(read_reasoning_of("{}").kwargs == "{}");
  CHECK(read_reasoning_of(R"({"reasoning_effort": "none"})").kwargs ==
        R"({"enable_thinking":false})");
  CHECK(read_reasoning_of(R"({"reasoning_effort": "low"})").kwargs ==
        R"({"reasoning_effort":"low"})");
  CHECK(read_reasoning_of(R"({"reasoning": {"effort": "high"}})").kwargs ==
        R"({"reasoning_effort":"high"})");
  CHECK(read_reasoning_of(R"({"thinking_budget_tokens": 0})").kwargs ==
        R"({"enable_thinking":false})");
  CHECK(read_reasoning_of("{}", {.thinks = true}).kwargs == R"({"enable_thinking":true})");
  CHECK(read_reasoning_of(R"({"reasoning_effort": "none"})", {.thinks = true}).kwargs ==
        R"({"enable_thinking":false})");
  const std::string own = R"({"enable_thinking":true})";
  CHECK(read_reasoning_of(R"({"reasoning_effort": "none"})", {.thinks = false}, own).kwargs == own);
}

TEST_CASE("where thoughts go is the request's word, or the server's") {
  CHECK(read_reasoning_of("{}").wish.format == ReasoningFormat::kApart);
  CHECK(read_reasoning_of("{}", {.format = ReasoningFormat::kNone}).wish.format ==
        ReasoningFormat::kNone);
  CHECK(read_reasoning_of(R"({"reasoning_format": "none"})").wish.format == ReasoningFormat::kNone);
  CHECK(read_reasoning_of(R"({"reasoning_format": "auto"})", {.format = ReasoningFormat::kNone})
            .wish.format == ReasoningFormat::kApart);
  CHECK(read_reasoning_of(R"({"reasoning_format": "deepseek-legacy"})").wish.format ==
        ReasoningFormat::kLegacy);
}

TEST_CASE("how long a thought may be is the request's word, or the server's") {
  CHECK(read_reasoning_of("{}").wish.max_tokens == -1);
  CHECK(read_reasoning_of(R"({"thinking_budget_tokens": 9})").wish.max_tokens == 9);
  CHECK(read_reasoning_of(R"({"thinking_budget_tokens": 9, "reasoning_budget_tokens": 5})")
            .wish.max_tokens == 5);
  CHECK(read_reasoning_of(R"({"reasoning_budget_tokens": 9})").kwargs == "{}");
  CHECK(
      read_reasoning_of(R"({"reasoning_budget_tokens": -1})", {.max_tokens = 7}).wish.max_tokens ==
      7);
  CHECK(read_reasoning_of("{}", {.max_tokens = 0}).kwargs == R"({"enable_thinking":false})");
  CHECK(read_reasoning_of(R"({"reasoning_budget_tokens": 9})", {.max_tokens = 0}).kwargs == "{}");
  CHECK(read_reasoning_of("{}", {.last_words = "Enough."}).wish.last_words == "Enough.");
  CHECK(read_reasoning_of(R"({"reasoning_budget_message": "So."})", {.last_words = "Enough."})
            .wish.last_words == "So.");
}

TEST_CASE("what is wrong about thoughts is refused by its name") {
  CHECK(read_reasoning_of(R"({"reasoning_format": "loud"})").param == "reasoning_format");
  CHECK(read_reasoning_of(R"({"reasoning_effort": 3})").param == "reasoning_effort");
  CHECK(read_reasoning_of(R"({"reasoning": {"effort": 3}})").param == "reasoning.effort");
  CHECK(read_reasoning_of(R"({"reasoning_budget_message": 3})").param ==
        "reasoning_budget_message");
  CHECK(read_reasoning_of(R"({"reasoning_budget_tokens": -2})").param == "reasoning_budget_tokens");
}

}  // namespace
}  // namespace samovar::api
