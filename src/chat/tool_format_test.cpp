#include "chat/tool_format.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace samovar::chat {
namespace {

// The words that tell the families' templates apart.
std::string_view name_of(std::string_view source) {
  const ToolFormat* format = find_tool_format(source);
  return format == nullptr ? "none" : format->name;
}

TEST_CASE("A family is known by its template") {
  CHECK(name_of(R"('\n<tool_call>\n{"name": "' ~ name ~ '", "arguments": ')") == "hermes");
  CHECK(name_of(R"('<|start_header_id|>' '{"name": "' '", ' '"parameters": ')") == "llama3");
  CHECK(name_of("'[TOOL_CALLS][' out") == "mistral");
  CHECK(name_of("'[TOOL_CALLS]' name '[ARGS]' arguments") == "mistral-args");
  CHECK(name_of("<|tool_call|> followed by a JSON list") == "tool_call-list");
  CHECK(name_of("' functools['") == "functools");
  CHECK(name_of("'<|start_header_id|>' '<function=' name '<|python_tag|>'") == "functionary");
}

TEST_CASE("Templates without calls, or with calls that are not JSON, have no format of their own") {
  CHECK(name_of("<|im_start|>") == "none");
  CHECK(name_of(R"(<tool_call> <function=f> "arguments")") == "none");
  CHECK(name_of(R"(<tool_call> <arg_key> "arguments")") == "none");
}

TEST_CASE("A marker begins what stands before calls") {
  for (const ToolFormat& format : tool_formats()) {
    CAPTURE(format.name);
    CHECK(format.open.starts_with(format.marker));
    CHECK_FALSE(format.call_middle.empty());
    CHECK((!format.marker.empty() || !format.bare.empty()));
    for (const BareCall& bare : format.bare) CHECK(bare.middle.starts_with('"'));
    CHECK((!format.is_parallel || !format.between.empty()));
  }
}

TEST_CASE("Tags of thoughts are those that the template holds") {
  CHECK(find_thought_tags("<think>\n\n</think>").open == "<think>");
  CHECK(find_thought_tags("[THINK]").close == "[/THINK]");
  CHECK(find_thought_tags("nothing").empty());
}

TEST_CASE("A template that cuts thoughts off earlier answers is one of a model that thinks") {
  const std::string cut = "{% set content = content.split('</think>')[-1] %}";
  CHECK(find_thought_tags(cut).open == "<think>");
  CHECK(find_thought_tags(cut).close == "</think>");
  CHECK(find_thought_tags(cut + "{{ message.reasoning_content }}").empty());
}

}  // namespace
}  // namespace samovar::chat
