#include "api/prompt_fields.h"

#include "engine/test_model.h"
#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

struct ReadPrompts {
  std::vector<std::vector<int32_t>> prompts;
  std::optional<ApiError> error;
};

constexpr int64_t kContext = 256;

ReadPrompts read_prompts_of(const std::string& prompt) {
  static const auto model = engine::test_model();
  const auto body = json::parse("{\"prompt\": " + prompt + "}");
  REQUIRE(body.ok());
  Fields fields(*body);
  auto prompts = read_prompts(fields, model->tokenizer(), kContext);
  return {std::move(prompts), fields.error()};
}

using Prompts = std::vector<std::vector<int32_t>>;

TEST_CASE("one prompt or several, in every form") {
  const int32_t ab = 256;  // "ab"
  const int32_t a = read_prompts_of("\"a\"").prompts.at(0).at(0);
  CHECK(read_prompts_of("\"ab\"").prompts == Prompts{{ab}});
  CHECK(read_prompts_of("[1, 2]").prompts == Prompts{{1, 2}});
  CHECK(read_prompts_of("[1, \"ab\", 2]").prompts == Prompts{{1, ab, 2}});
  CHECK(read_prompts_of("[\"ab\", \"a\"]").prompts == Prompts{{ab}, {a}});
  CHECK(read_prompts_of("[[1, 2], \"ab\", {\"prompt_string\": \"a\"}]").prompts ==
        Prompts{{1, 2}, {ab}, {a}});
  CHECK(read_prompts_of("{\"prompt_string\": \"ab\"}").prompts == Prompts{{ab}});
  CHECK(read_prompts_of("\"\"").prompts == Prompts{{}});
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
    const ReadPrompts r = read_prompts_of(c.prompt);
    REQUIRE(r.error);
    CHECK(r.error->http == 400);
    CHECK(r.error->param == c.param);
  }
}

TEST_CASE("a text too long for the context is refused before it becomes tokens") {
  const std::string text(1 << 20, 'c');
  for (const std::string& prompt :
       {"\"" + text + "\"", "[1, \"" + text + "\"]", "{\"prompt_string\": \"" + text + "\"}"}) {
    const ReadPrompts r = read_prompts_of(prompt);
    REQUIRE(r.error);
    CHECK(r.error->type == "exceed_context_size_error");
    CHECK(r.error->message.find("at least 1048576 tokens") != std::string::npos);
    CHECK(r.error->n_prompt_tokens == 1048576);
    CHECK(r.error->n_ctx == kContext);
  }
}

}  // namespace
}  // namespace samovar::api
