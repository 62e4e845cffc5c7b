#include "api/prompt_fields.h"

#include "engine/test_model.h"
#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

struct Read {
  std::vector<std::vector<int32_t>> prompts;
  std::optional<ApiError> error;
};

Read read(const std::string& prompt) {
  static const auto model = engine::test_model();
  const auto body = json::parse("{\"prompt\": " + prompt + "}");
  REQUIRE(body.ok());
  Fields fields(*body);
  auto prompts = read_prompts(fields, model->tokenizer());
  return {std::move(prompts), fields.error()};
}

using Prompts = std::vector<std::vector<int32_t>>;

TEST_CASE("one prompt or several, in every form") {
  const int32_t ab = 256;  // "ab"
  const int32_t a = read("\"a\"").prompts.at(0).at(0);
  CHECK(read("\"ab\"").prompts == Prompts{{ab}});
  CHECK(read("[1, 2]").prompts == Prompts{{1, 2}});
  CHECK(read("[1, \"ab\", 2]").prompts == Prompts{{1, ab, 2}});
  CHECK(read("[\"ab\", \"a\"]").prompts == Prompts{{ab}, {a}});
  CHECK(read("[[1, 2], \"ab\", {\"prompt_string\": \"a\"}]").prompts == Prompts{{1, 2}, {ab}, {a}});
  CHECK(read("{\"prompt_string\": \"ab\"}").prompts == Prompts{{ab}});
  CHECK(read("\"\"").prompts == Prompts{{}});
}

TEST_CASE("each wrong prompt is refused with its path") {
  struct Case {
    const char* prompt;
    const char* param;
  };
  for (const Case& c :
       {Case{"null", "prompt"}, Case{"7", "prompt"}, Case{"true", "prompt"}, Case{"[]", "prompt"},
        Case{"[1, 272]", "prompt[1]"}, Case{"[-1]", "prompt[0]"}, Case{"[1.5]", "prompt[0]"},
        Case{"[\"a\", 1, null]", "prompt[1]"}, Case{"[[1], [null]]", "prompt[1][0]"},
        Case{"{}", "prompt.prompt_string"}, Case{"{\"prompt_string\": 1}", "prompt.prompt_string"},
        Case{"[{\"prompt_string\": \"x\", \"multimodal_data\": []}]",
             "prompt[0].multimodal_data"}}) {
    CAPTURE(c.prompt);
    const Read r = read(c.prompt);
    REQUIRE(r.error);
    CHECK(r.error->http == 400);
    CHECK(r.error->param == c.param);
  }
}

}  // namespace
}  // namespace samovar::api
