// A stream's chunks put together to one answer.
#include "cloud/openai_assembly.h"

#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

json::Value assembled_openai(std::initializer_list<const char*> events) {
  const auto assembly = openai_assembly();
  for (const char* event : events) REQUIRE(assembly->add(event).ok());
  REQUIRE(assembly->done());
  const auto answer = assembly->finish();
  REQUIRE(answer.ok());
  auto parsed = json::parse(*answer);
  REQUIRE(parsed.ok());
  return *parsed;
}

TEST_CASE("A chat's pieces become its message") {
  const json::Value answer = assembled_openai(
      {R"({"id":"c","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,)"
       R"("delta":{"role":"assistant","content":null},"finish_reason":null}],"usage":null})",
       R"({"id":"c","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,)"
       R"("delta":{"content":"Hel"},"finish_reason":null,"logprobs":{"content":[{"token":"Hel"}]}}]})",
       R"({"id":"c","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,)"
       R"("delta":{"content":"lo"},"finish_reason":null,"logprobs":{"content":[{"token":"lo"}]}}]})",
       R"({"id":"c","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,)"
       R"("delta":{},"finish_reason":"stop"}]})",
       R"({"id":"c","object":"chat.completion.chunk","created":7,"model":"m","choices":[],)"
       R"("usage":{"total_tokens":9}})",
       "[DONE]"});
  CHECK(json::dump(answer) ==
        R"({"id":"c","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,)"
        R"("message":{"role":"assistant","content":"Hello"},"finish_reason":"stop",)"
        R"("logprobs":{"content":[{"token":"Hel"},{"token":"lo"}]}}],"usage":{"total_tokens":9}})");
}

TEST_CASE("A chat without a word has an empty text, as it has without a stream") {
  const json::Value answer = assembled_openai(
      {R"({"choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}]})",
       R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})", "[DONE]"});
  CHECK(json::dump(answer["choices"][0]["message"]) == R"({"role":"assistant","content":""})");
}

TEST_CASE("Calls of tools and thoughts are joined by their place") {
  const json::Value answer = assembled_openai(
      {R"({"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant",)"
       R"("content":null,"reasoning_content":"hm"}}]})",
       R"({"choices":[{"index":0,"delta":{"reasoning_content":"m","tool_calls":[{"index":0,"id":"a",)"
       R"("type":"function","function":{"name":"f","arguments":""}}]}}]})",
       R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\""}}]}}]})",
       R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","type":"function",)"
       R"("function":{"name":"g","arguments":"{}"}}]}}]})",
       R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},)"
       R"("finish_reason":"tool_calls"}]})",
       "[DONE]"});
  const json::Value& choice = answer["choices"][0];
  CHECK(choice["finish_reason"] == "tool_calls");
  CHECK(json::dump(choice["message"]) ==
        R"({"role":"assistant","content":null,"reasoning_content":"hmm","tool_calls":[)"
        R"({"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},)"
        R"({"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]})");
}

TEST_CASE("Several choices come apart, whatever their order") {
  const json::Value answer = assembled_openai(
      {R"({"object":"text_completion","choices":[{"text":"b","index":1,"finish_reason":null}]})",
       R"({"choices":[{"text":"a","index":0,"logprobs":{"tokens":["a"],"text_offset":[0]}}]})",
       R"({"choices":[{"text":"A","index":0,"logprobs":{"tokens":["A"],"text_offset":[1]}}]})",
       R"({"choices":[{"text":"B","index":1,"finish_reason":"length"}]})", "[DONE]"});
  CHECK(answer["object"] == "text_completion");
  CHECK(answer["choices"][0]["index"] == 0);
  CHECK(answer["choices"][0]["text"] == "aA");
  CHECK(json::dump(answer["choices"][0]["logprobs"]) ==
        R"({"tokens":["a","A"],"text_offset":[0,1]})");
  CHECK(answer["choices"][1]["text"] == "bB");
  CHECK(answer["choices"][1]["finish_reason"] == "length");
}

TEST_CASE("A node's error amid the stream is kept as it came") {
  const auto assembly = openai_assembly();
  CHECK(assembly->add(R"({"error":{"message":"no memory","code":503}})").code() == Code::kInternal);
  CHECK(assembly->error() == R"({"error":{"message":"no memory","code":503}})");
}

TEST_CASE("What is no chunk, and a stream without one, are errors") {
  const auto assembly = openai_assembly();
  CHECK(assembly->add("<html>").code() == Code::kCorrupt);
  CHECK(assembly->add("7").code() == Code::kCorrupt);
  CHECK(assembly->add("[DONE]").ok());
  CHECK(assembly->finish().status().code() == Code::kCorrupt);
}

}  // namespace
}  // namespace samovar::cloud
