#include "api/chat_format.h"

#include "engine/test_model.h"
#include "tokenizer/small_vocabulary.h"

#include <algorithm>
#include <utility>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

std::string rendered(const std::string& source, json::Value tools) {
  const auto model = engine::test_model();
  const auto format = choose_chat_format(model->file(), source);
  REQUIRE(format.ok());
  const auto text =
      render_chat_text(*format, model->tokenizer(),
                       {.messages = json::Value::array(), .tools = std::move(tools)}, 0);
  REQUIRE(text.ok());
  return text->text;
}

TEST_CASE("templates find the date and, as text, the tools under the names they read") {
  CHECK(rendered("{{ date_string }}", {}) == "01 Jan 1970");
  CHECK(rendered("{{ datetime }}", {}) == "Jan 01 1970 00:00:00 GMT");
  CHECK(rendered("{{ 'tools: ' + functions }}", {}) == "tools: []");
  CHECK(rendered("{{ functions }}", json::Value::array({1})) == "[\n    1\n]");
}

std::string of_messages(const std::string& source, ChatPrompt prompt) {
  const auto model = engine::test_model();
  const auto format = choose_chat_format(model->file(), source);
  REQUIRE(format.ok());
  const auto text = render_chat_text(*format, model->tokenizer(), std::move(prompt), 0);
  return text.ok() ? text->text : std::string(text.status().message());
}

constexpr const char* kRoles = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";

TEST_CASE("a developer stays one where the template knows the role, and is the system elsewhere") {
  const json::Value messages =
      json::Value::array({{{"role", "developer"}, {"content", "be brief"}}});
  CHECK(of_messages(kRoles, {.messages = messages}) == "[system]be brief");
  const std::string knows =
      std::string(kRoles) + "{% if messages[0].role == 'developer' %}!{% endif %}";
  CHECK(of_messages(knows, {.messages = messages}) == "[developer]be brief!");
  // A text about tools joins it, whatever it is called.
  const std::string told =
      of_messages(kRoles, {.messages = messages, .tools = json::Value::array({1})});
  CHECK(told.starts_with("[system]be brief\n\n"));
  CHECK(told.find("[system]", 1) == std::string::npos);
}

TEST_CASE("a beginning of the answer stands behind the thought that the template opens") {
  const std::string opens = "{% if add_generation_prompt %}[a]<think>\n{% endif %}";
  const json::Value none = json::Value::array();
  CHECK(of_messages(opens, {.messages = none}) == "[a]<think>\n");
  CHECK(of_messages(opens, {.messages = none, .prefill = "Yes,"}) ==
        "[a]<think>\n\n</think>\n\nYes,");
  CHECK(of_messages(opens, {.messages = none, .prefill = "Yes,", .prefill_thought = "hm"}) ==
        "[a]<think>\nhm\n</think>\n\nYes,");
  CHECK(of_messages(opens,
                    {.messages = none, .prefill_thought = "hm", .goes_on = GoesOn::kThought}) ==
        "[a]<think>\nhm");
}

TEST_CASE("a thought that was begun is written as the model would, or not at all") {
  const std::string leaves = "[a]{# <think> #}";
  const json::Value none = json::Value::array();
  CHECK(of_messages(leaves, {.messages = none, .prefill = "Yes,"}) == "[a]Yes,");
  CHECK(of_messages(leaves, {.messages = none, .prefill = "Yes,", .prefill_thought = "hm"}) ==
        "[a]<think>\nhm\n</think>\n\nYes,");
  CHECK(of_messages(leaves,
                    {.messages = none, .prefill_thought = "hm", .goes_on = GoesOn::kThought}) ==
        "[a]<think>\nhm");
  const ChatPrompt thought{.messages = none, .prefill_thought = "hm", .goes_on = GoesOn::kThought};
  CHECK(of_messages("{{ '[a]' }}", thought).starts_with("there is no thought to go on with"));
  CHECK(of_messages("{{ '[a]<think>\n\n</think>\n\n' }}", thought)
            .starts_with("there is no thought to go on with"));
  CHECK(of_messages("{{ '[a]<think>\n\n</think>\n\n' }}",
                    {.messages = none, .prefill = "Yes,", .prefill_thought = "hm"}) ==
        "[a]<think>\n\n</think>\n\nYes,");
}

TEST_CASE("the template alone writes the begin token; what a user writes is text") {
  const auto small = tokenizer::SmallVocabulary::spm();
  const auto tokenizer = tokenizer::Tokenizer::create(small.definition());
  REQUIRE(tokenizer.ok());
  const int32_t bos = *tokenizer->vocabulary().bos();
  const auto begins = [&](std::vector<chat::Span> spans) {
    const auto tokens = chat_tokens({.text = "<s>hello", .spans = std::move(spans)}, *tokenizer);
    return std::pair(tokens.front() == bos, std::count(tokens.begin(), tokens.end(), bos));
  };
  CHECK(begins({{0, 8, true}}) == std::pair(true, std::ptrdiff_t{1}));
  CHECK(begins({{0, 3, true}, {3, 8, false}}) == std::pair(true, std::ptrdiff_t{1}));
  CHECK(begins({{0, 8, false}}) == std::pair(true, std::ptrdiff_t{1}));
  CHECK(begins({{0, 2, true}, {2, 8, false}}) == std::pair(true, std::ptrdiff_t{1}));
}

TEST_CASE("a wish is a built-in format's name, or a template's text") {
  const auto model = engine::test_model();
  CHECK(choose_chat_format(model->file(), "llama3")->name == "llama3");
  CHECK(choose_chat_format(model->file(), "{{ 1 }}")->name == "the template that was given");
  const auto unknown = choose_chat_format(model->file(), "llama-3");
  CHECK(unknown.status().message().find("llama3") != std::string::npos);
}

TEST_CASE("a file without a template has the plain format, or the one that was named for it") {
  const auto model = engine::test_model();
  CHECK(choose_chat_format(model->file(), "")->name == "completion");
  CHECK(choose_chat_format(model->file(), "", "chatml")->name == "chatml");
}

}  // namespace
}  // namespace samovar::api
