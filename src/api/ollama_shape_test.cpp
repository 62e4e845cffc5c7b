#include "api/ollama_shape.h"

#include "json/json.h"

#include <array>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

Outcome outcome() {
  Outcome out{.stop = StopType::kLimit, .ids = {5, 6}, .text = "Hi", .thought = "hm"};
  out.timings = {.n_cached = 2, .n_prompt = 3, .prompt_us = 7, .n_predicted = 2, .predicted_us = 9};
  return out;
}

TEST_CASE("a generated text ends with reason, context and durations in nanoseconds") {
  FakeClock clock;
  const auto shape = ollama_shape(
      {.model = "M:x", .clock = &clock, .loaded_us = 4, .context = std::vector<int32_t>{1, 2, 3}});
  clock.advance_us(100);
  const json::Value piece = shape->text_event({.text = "H"});
  CHECK(piece == json::Value({{"model", "M:x"},
                              {"created_at", "2023-11-14T22:13:20.000100Z"},
                              {"done", false},
                              {"response", "H"}}));
  const std::array outcomes = {outcome()};
  const json::Value last = shape->last_event(outcomes[0], outcomes);
  CHECK(last["done_reason"] == "length");
  CHECK(last["context"] == json::Value({1, 2, 3, 5, 6}));
  CHECK(last["total_duration"] == 100'000);
  CHECK(last["load_duration"] == 4'000);
  CHECK(last["prompt_eval_count"] == 5);
  CHECK(last["prompt_eval_duration"] == 7'000);
  CHECK(last["eval_count"] == 2);
  CHECK(last["eval_duration"] == 9'000);
}

TEST_CASE("a chat's text and thoughts stand in its message; what is zero is left out") {
  FakeClock clock;
  const auto shape = ollama_shape({.route = OllamaRoute::kChat, .model = "m", .clock = &clock});
  const std::array outcomes = {outcome()};
  const json::Value whole = shape->whole(outcomes);
  CHECK(whole["message"] ==
        json::Value({{"role", "assistant"}, {"content", "Hi"}, {"thinking", "hm"}}));
  CHECK_FALSE(whole.contains("context"));
  CHECK_FALSE(whole.contains("load_duration"));
  CHECK_FALSE(whole.contains("response"));
  const json::Value piece =
      shape->text_event({.kind = chat::AnswerPart::Kind::kThought, .text = "a"});
  CHECK(piece["message"] ==
        json::Value({{"role", "assistant"}, {"content", ""}, {"thinking", "a"}}));
}

TEST_CASE("a call of a tool comes whole, with an object; one that was cut does not come") {
  using Kind = chat::AnswerPart::Kind;
  FakeClock clock;
  const auto shape = ollama_shape({.route = OllamaRoute::kChat, .model = "m", .clock = &clock});
  const ToolCall call{.id = "call_1", .name = "f", .arguments = "{\"a\": 1}"};
  CHECK(shape->text_event({.kind = Kind::kCall, .text = "f", .call = &call}).is_null());
  CHECK(shape->text_event({.kind = Kind::kArguments, .text = "{", .call = &call}).is_null());
  const json::Value event = shape->text_event({.kind = Kind::kCallEnd, .i_call = 1, .call = &call});
  CHECK(json::dump(event["message"]) ==
        R"({"role":"assistant","content":"","tool_calls":[{"id":"call_1","function":{"index":1,)"
        R"("name":"f","arguments":{"a":1}}}]})");
  const std::array outcomes = {Outcome{
      .called = true, .calls = {call, {.id = "call_2", .name = "g", .arguments = "{\"a\": ["}}}};
  const json::Value whole = shape->whole(outcomes);
  CHECK(whole["message"]["tool_calls"].size() == 1);
  CHECK(whole["done_reason"] == "stop");
}

TEST_CASE("loading and unloading have an answer of their own") {
  const FakeClock clock;
  const json::Value answer = ollama_load_answer(OllamaRoute::kChat, "m", "unload", clock);
  CHECK(answer["done"] == true);
  CHECK(answer["done_reason"] == "unload");
  CHECK(answer["message"] == json::Value({{"role", "assistant"}, {"content", ""}}));
}

}  // namespace
}  // namespace samovar::api
