#include "chat/tool_prompt.h"

#include "json/json.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::chat {
namespace {

json::Value value_of(std::string_view text) {
  return *json::parse(text);
}

TEST_CASE("The description of tools holds each of them") {
  const std::string text =
      describe_tools(value_of(R"([{"function": {"name": "f"}}, {"a": "\u00fc"}])"));
  CHECK(text.find("<tools>\n{\"function\":{\"name\":\"f\"}}\n{\"a\":\"\u00fc\"}\n</tools>") !=
        std::string::npos);
  CHECK(text.find("<tool_call>") != std::string::npos);
}

TEST_CASE("An instruction joins the system message, makes one, or stands before the user's") {
  json::Value with = value_of(R"([{"role": "system", "content": "S"}])");
  add_instruction(with, "T", SystemRole::kTaken);
  CHECK(json::dump(with) == R"([{"role":"system","content":"S\n\nT"}])");
  json::Value without = value_of(R"([{"role": "user", "content": "U"}])");
  json::Value refused = without;
  add_instruction(without, "T", SystemRole::kTaken);
  CHECK(json::dump(without) ==
        R"([{"role":"system","content":"T"},{"role":"user","content":"U"}])");
  add_instruction(refused, "T", SystemRole::kRefused);
  CHECK(json::dump(refused) == R"([{"role":"user","content":"T\n\nU"}])");
}

TEST_CASE("Calls become content, arguments as text or as an object") {
  json::Value messages = value_of(R"([{"role": "assistant", "content": "Hm.", "tool_calls": [
    {"function": {"name": "f", "arguments": "{\"a\": 1}"}},
    {"function": {"name": "g", "arguments": {"b": 2}}}]}, {"role": "user", "content": "U"}])");
  write_calls_as_text(messages, generic_tool_format());
  CHECK(
      messages[0]["content"] ==
      "Hm.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>\n<tool_call>\n"
      "{\"name\": \"g\", \"arguments\": {\"b\":2}}\n</tool_call>");
  CHECK_FALSE(messages[0].contains("tool_calls"));
}

TEST_CASE("Results in a row become one message of the user") {
  json::Value messages = value_of(R"([{"role": "assistant", "content": ""},
    {"role": "tool", "content": "1"}, {"role": "tool", "content": "2"},
    {"role": "assistant", "content": "A"}, {"role": "tool", "content": "3"}])");
  write_results_as_text(messages);
  REQUIRE(messages.size() == 4);
  CHECK(messages[1]["role"] == "user");
  CHECK(messages[1]["content"] ==
        "<tool_response>\n1\n</tool_response>\n<tool_response>\n2\n</tool_response>");
  CHECK(messages[3]["content"] == "<tool_response>\n3\n</tool_response>");
}

TEST_CASE("Ids of calls and of their results stay the same when they become short") {
  json::Value messages = value_of(R"([{"role": "assistant", "tool_calls": [{"id": "call_abcdefgh"},
    {"id": "Abc123xyz"}]}, {"role": "tool", "tool_call_id": "call_abcdefgh"}])");
  shorten_call_ids(messages);
  const std::string id = messages[0]["tool_calls"][0]["id"];
  CHECK(id.size() == 9);
  CHECK(messages[1]["tool_call_id"] == id);
  CHECK(messages[0]["tool_calls"][1]["id"] == "Abc123xyz");
}

}  // namespace
}  // namespace samovar::chat
