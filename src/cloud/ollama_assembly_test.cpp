// The lines of Ollama's streams put together to its answers.
#include "cloud/ollama_assembly.h"

#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

std::string assembled_ollama(std::initializer_list<const char*> lines) {
  const auto assembly = ollama_assembly();
  for (const char* line : lines) {
    CHECK_FALSE(assembly->done());
    REQUIRE(assembly->add(line).ok());
  }
  REQUIRE(assembly->done());
  const auto answer = assembly->finish();
  REQUIRE(answer.ok());
  return *answer;
}

TEST_CASE("A chat's lines become its message; blanks before one are signs of life") {
  CHECK(assembled_ollama(
            {R"({"model":"m","done":false,"message":{"role":"assistant","content":"",)"
             R"("thinking":"hm"}})",
             R"(   {"model":"m","done":false,"message":{"role":"assistant","content":"Hel"}})", "",
             R"({"model":"m","done":false,"message":{"role":"assistant","content":"lo"}})",
             R"({"model":"m","done":false,"message":{"role":"assistant","content":"",)"
             R"("tool_calls":[{"function":{"name":"f"}}]}})",
             R"({"model":"m","done":true,"message":{"role":"assistant","content":""},)"
             R"("done_reason":"stop","eval_count":3})"}) ==
        R"({"model":"m","done":true,"message":{"role":"assistant","content":"Hello",)"
        R"("thinking":"hm","tool_calls":[{"function":{"name":"f"}}]},)"
        R"("done_reason":"stop","eval_count":3})");
}

TEST_CASE("A completion's lines become its response") {
  CHECK(assembled_ollama({R"({"model":"m","done":false,"response":"a","logprobs":[{"token":"a"}]})",
                          R"({"model":"m","done":false,"response":"b","logprobs":[{"token":"b"}]})",
                          R"({"model":"m","done":true,"response":"","context":[1,2]})"}) ==
        R"({"model":"m","done":true,"response":"ab","context":[1,2],)"
        R"("logprobs":[{"token":"a"},{"token":"b"}]})");
}

TEST_CASE("A stream without its last line is no answer, and an error is kept as it came") {
  const auto assembly = ollama_assembly();
  CHECK(assembly->add(R"({"done":false,"response":"a"})").ok());
  CHECK_FALSE(assembly->done());
  CHECK(assembly->finish().status().code() == Code::kCorrupt);
  CHECK(assembly->add(R"({"error":"no memory"})").code() == Code::kInternal);
  CHECK(assembly->error() == R"({"error":"no memory"})");
}

}  // namespace
}  // namespace samovar::cloud
