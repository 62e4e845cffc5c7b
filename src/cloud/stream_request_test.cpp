// Requests for whole answers that become requests for streams.
#include "cloud/stream_request.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

std::string asked(std::string_view path, std::string_view body) {
  const auto request = as_stream_request(path, body);
  return request ? request->body : "as it is";
}

TEST_CASE("OpenAI's become ones for a stream with usage") {
  CHECK(asked("/v1/chat/completions", R"({"model": "m", "stream": false})") ==
        R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})");
  for (const char* path : {"/v1/completions", "/chat/completions",
                           "/v1/engines/copilot-codex/completions", "/llm/v1/completions"}) {
    CHECK(asked(path, R"({"prompt": "p", "stream": null})") ==
          R"({"prompt":"p","stream":true,"stream_options":{"include_usage":true}})");
  }
}

TEST_CASE("llama-server's ask for what tells the answers apart, where the client names members") {
  for (const char* path : {"/completion", "/completions", "/infill"}) {
    CHECK(asked(path, R"({"prompt": "p"})") == R"({"prompt":"p","stream":true})");
  }
  CHECK(asked("/completion", R"({"response_fields": ["content"]})") ==
        R"({"response_fields":["content","index","stop"],"stream":true})");
  CHECK(asked("/completion", R"({"response_fields": []})") ==
        R"({"response_fields":[],"stream":true})");
}

TEST_CASE("Ollama's are for a stream unless they say that they are not") {
  CHECK(asked("/api/chat", R"({"model": "m", "stream": false})") ==
        R"({"model":"m","stream":true})");
  CHECK(asked("/api/generate", R"({"stream": false})") == R"({"stream":true})");
  CHECK(asked("/api/chat", R"({"model": "m"})") == "as it is");
  CHECK(asked("/api/embed", R"({"stream": false})") == "as it is");
}

TEST_CASE("The node's signs of life are not the client's to forbid") {
  CHECK(asked("/completion", R"({"sse_ping_interval": -1, "return_progress": true})") ==
        R"({"stream":true})");
}

TEST_CASE("What is a stream already, or no completion, or no JSON, stays as it is") {
  CHECK(asked("/v1/chat/completions", R"({"stream": true})") == "as it is");
  CHECK(asked("/v1/chat/completions", R"({"stream": "yes"})") == "as it is");
  CHECK(asked("/v1/embeddings", R"({"input": "x"})") == "as it is");
  CHECK(asked("/v1/chat/completions", "[]") == "as it is");
  CHECK(asked("/v1/chat/completions", "{") == "as it is");
}

}  // namespace
}  // namespace samovar::cloud
