#include "api/reasoning_fields.h"

#include "json/json.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

struct Read {
  ReasoningFormat format;
  std::string kwargs, param;
};

Read read(std::string_view body, const ReasoningDefaults& defaults = {},
          std::string_view kwargs = "{}") {
  const json::Value value = *json::parse(body);
  Fields fields(value);
  json::Value out = *json::parse(kwargs);
  const ReasoningFormat format = read_reasoning(fields, defaults, out);
  return {format, json::dump(out), fields.error() ? fields.error()->param : ""};
}

TEST_CASE("the template hears whether and how hard to think") {
  CHECK(read("{}").kwargs == "{}");
  CHECK(read(R"({"reasoning_effort": "none"})").kwargs == R"({"enable_thinking":false})");
  CHECK(read(R"({"reasoning_effort": "low"})").kwargs == R"({"reasoning_effort":"low"})");
  CHECK(read(R"({"reasoning": {"effort": "high"}})").kwargs == R"({"reasoning_effort":"high"})");
  CHECK(read(R"({"thinking_budget_tokens": 0})").kwargs == R"({"enable_thinking":false})");
  CHECK(read("{}", {.thinks = true}).kwargs == R"({"enable_thinking":true})");
  CHECK(read(R"({"reasoning_effort": "none"})", {.thinks = true}).kwargs ==
        R"({"enable_thinking":false})");
  const std::string own = R"({"enable_thinking":true})";
  CHECK(read(R"({"reasoning_effort": "none"})", {.thinks = false}, own).kwargs == own);
}

TEST_CASE("where thoughts go is the request's word, or the server's") {
  CHECK(read("{}").format == ReasoningFormat::kApart);
  CHECK(read("{}", {.format = ReasoningFormat::kNone}).format == ReasoningFormat::kNone);
  CHECK(read(R"({"reasoning_format": "none"})").format == ReasoningFormat::kNone);
  CHECK(read(R"({"reasoning_format": "auto"})", {.format = ReasoningFormat::kNone}).format ==
        ReasoningFormat::kApart);
  CHECK(read(R"({"reasoning_format": "deepseek-legacy"})").format == ReasoningFormat::kLegacy);
}

TEST_CASE("what is wrong about thoughts is refused by its name") {
  CHECK(read(R"({"reasoning_format": "loud"})").param == "reasoning_format");
  CHECK(read(R"({"reasoning_effort": 3})").param == "reasoning_effort");
  CHECK(read(R"({"reasoning": {"effort": 3}})").param == "reasoning.effort");
  CHECK(read(R"({"thinking_budget_tokens": 100})").param == "thinking_budget_tokens");
  CHECK(read(R"({"reasoning_budget_tokens": -2})").param == "reasoning_budget_tokens");
}

}  // namespace
}  // namespace samovar::api
