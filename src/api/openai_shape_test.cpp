#include "api/openai_shape.h"

#include "json/json.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

using Kind = chat::AnswerPart::Kind;

const ToolCall kCall{.id = "call_1", .name = "f", .arguments = "{\"a\": 1}"};

std::string delta(const Piece& piece) {
  const json::Value event = chat_shape({}, {})->text_event(piece);
  return event.is_null() ? "" : json::dump(event["choices"][0]["delta"]);
}

json::Value choice(const Outcome& outcome, const OpenAiShapeOptions& options = {}) {
  return chat_shape({}, options)->whole(std::span(&outcome, 1))["choices"][0];
}

TEST_CASE("a streamed call has its name once, then pieces of its arguments") {
  CHECK(delta({.kind = Kind::kCall, .text = "f", .i_call = 1, .call = &kCall}) ==
        R"({"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":""},)"
        R"("index":1}]})");
  CHECK(delta({.kind = Kind::kArguments, .text = "{\"a", .i_call = 1, .call = &kCall}) ==
        R"({"tool_calls":[{"function":{"arguments":"{\"a"},"index":1}]})");
  CHECK(delta({.kind = Kind::kCallEnd, .i_call = 1, .call = &kCall}) == "");
  CHECK(delta({.text = "Hi"}) == R"({"content":"Hi"})");
  CHECK(delta({.kind = Kind::kThought, .text = "hm"}) ==
        R"({"reasoning_content":"hm","reasoning":"hm"})");
}

TEST_CASE("a whole answer with calls has no text, or the text before them") {
  const json::Value only = choice({.called = true, .calls = {kCall, kCall}});
  CHECK(only["finish_reason"] == "tool_calls");
  CHECK(only["message"]["content"].is_null());
  CHECK(json::dump(only["message"]["tool_calls"][1]) ==
        R"({"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}})");
  CHECK(choice({.called = true, .text = "Yes.", .calls = {kCall}})["message"]["content"] == "Yes.");
}

TEST_CASE("a call that was cut is no reason to end") {
  CHECK(choice({.stop = StopType::kLimit, .called = true, .calls = {kCall}})["finish_reason"] ==
        "length");
  CHECK(choice({.stop = StopType::kLimit, .calls = {kCall}})["finish_reason"] == "length");
  CHECK(choice({.stop = StopType::kWord, .calls = {kCall}})["finish_reason"] == "stop");
}

TEST_CASE("thoughts stand beside the text, and in it for those who want both") {
  const Outcome outcome{.n_thought_tokens = 3, .text = "Yes.", .thought = "hm"};
  const json::Value apart = choice(outcome);
  CHECK(apart["message"]["content"] == "Yes.");
  CHECK(apart["message"]["reasoning_content"] == "hm");
  CHECK(choice(outcome, {.tags_in_text = {"<think>", "</think>"}})["message"]["content"] ==
        "<think>hm</think>Yes.");
  CHECK(chat_shape({}, {})->whole(
            std::span(&outcome, 1))["usage"]["completion_tokens_details"]["reasoning_tokens"] == 3);
  const Outcome text{.text = "Yes."};
  CHECK(completion_shape({}, {})->whole(
            std::span(&text, 1))["usage"]["completion_tokens_details"]["reasoning_tokens"] == 0);
}

}  // namespace
}  // namespace samovar::api
