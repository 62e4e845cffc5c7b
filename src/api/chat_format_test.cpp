#include "api/chat_format.h"

#include "engine/test_model.h"

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
