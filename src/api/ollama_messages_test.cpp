#include "api/ollama_messages.h"

#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

json::Value message(const char* role, const char* content) {
  return {{"role", role}, {"content", content}};
}

TEST_CASE("messages of Ollama become messages of OpenAI") {
  const json::Value call = {{"function", {{"name", "f"}, {"arguments", {{"x", 1}}}}}};
  const json::Value body = {
      {"messages",
       {message("USER", "hi"),
        {{"role", "assistant"}, {"thinking", "hm"}, {"tool_calls", json::Value::array({call})}},
        {{"role", "tool"}, {"content", "2"}, {"tool_name", "f"}}}}};
  Fields fields(body);
  const json::Value out = read_ollama_messages(fields);
  REQUIRE_FALSE(fields.error());
  CHECK(out[0] == message("user", "hi"));
  CHECK(out[1]["reasoning_content"] == "hm");
  CHECK(out[1]["tool_calls"][0]["function"]["arguments"]["x"] == 1);
  CHECK(out[1]["tool_calls"][0]["type"] == "function");
  CHECK(out[2]["name"] == "f");
}

TEST_CASE("what is wrong with a message is named") {
  const auto problem = [](const json::Value& messages) {
    const json::Value body = {{"messages", messages}};
    Fields fields(body);
    read_ollama_messages(fields);
    return fields.error() ? fields.error()->param : "";
  };
  CHECK(problem(7) == "messages");
  CHECK(problem({7}) == "messages[0]");
  CHECK(problem({message("user", "a"), {{"content", "b"}}}) == "messages[1].role");
  const json::Value picture = {{"role", "user"}, {"content", "a"}, {"images", {"aGk="}}};
  CHECK(problem(json::Value::array({picture})) == "messages[0].images");
  const json::Value call = {{"function", {{"name", "f"}, {"arguments", "{}"}}}};
  const json::Value calls = {{"role", "assistant"}, {"tool_calls", json::Value::array({call})}};
  CHECK(problem(json::Value::array({calls})) == "messages[0].tool_calls[0].function.arguments");
}

TEST_CASE("the oldest turns go first, the system's messages never") {
  const json::Value messages = {message("system", "s"),    message("user", "1"),
                                message("assistant", "a"), message("user", "2"),
                                message("system", "t"),    message("assistant", "b"),
                                message("user", "3")};
  CHECK(count_turns(messages) == 3);
  CHECK(without_oldest_turns(messages, 0) == messages);
  const json::Value shorter = {message("system", "s"), message("user", "2"), message("system", "t"),
                               message("assistant", "b"), message("user", "3")};
  CHECK(without_oldest_turns(messages, 1) == shorter);
  const json::Value last = {message("system", "s"), message("system", "t"), message("user", "3")};
  CHECK(without_oldest_turns(messages, 2) == last);
}

}  // namespace
}  // namespace samovar::api
