// llama-server's routes over HTTP, with a tiny model.
#include "api/test_server.h"
#include "json/json.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

constexpr net::Method kGet = net::Method::kGet;
constexpr net::Method kPost = net::Method::kPost;

TEST_CASE("state is 503 while the model loads, and what is not there 501 at any time") {
  Served served({.model_id = "m"}, false);
  CHECK(served.ask(kGet, "/props").status == 503);
  CHECK(served.ask(kGet, "/slots").status == 503);
  CHECK(served.ask(kPost, "/tokenize", "{}").status == 503);
  CHECK(served.ask(kPost, "/embedding", "{}").status == 503);
  CHECK(served.ask(kPost, "/rerank", "{}").status == 501);
}

TEST_CASE("routes that flags switch off answer in their own way") {
  Served served({.model_id = "m", .page = false, .metrics = false, .slots = false});
  CHECK(served.ask(kGet, "/metrics").status == 501);
  CHECK(served.ask(kGet, "/slots").status == 501);
  CHECK(served.ask(kGet, "/").status == 404);
  CHECK(served.ask(kPost, "/props", "{}").status == 501);
  Served other({.model_id = "m", .props = true});
  CHECK(other.ask(kPost, "/props", "{}").status == 200);
}

TEST_CASE("a prefix stands before every path") {
  Served served({.model_id = "m", .prefix = "/llm"});
  CHECK(served.ask(kGet, "/llm/health").status == 200);
  CHECK(served.ask(kGet, "/llm/").status == 200);
  CHECK(served.ask(kGet, "/health").status == 404);
  CHECK(served.ask(kGet, "/llmhealth").status == 404);
  CHECK(served.ask(kPost, "/llm/tokenize", R"({"content": "ab"})").status == 200);
}

TEST_CASE("the prefix alone leads to the page, whose links are relative to the prefix") {
  for (const char* prefix : {"/llm", "/a/llm"}) {
    Served served({.model_id = "m", .prefix = prefix});
    const net::Response moved = served.ask(kGet, prefix);
    CHECK(moved.status == 307);
    CHECK(moved.headers.find("Location") == "./llm/");
  }
  Served served({.model_id = "m", .prefix = "/llm", .page = false});
  CHECK(served.ask(kGet, "/llm").status == 404);
}

TEST_CASE("each method of a path is named where another is asked for") {
  Served served({.model_id = "m"});
  CHECK(served.ask(kGet, "/completion").headers.find("Allow") == "POST, OPTIONS");
  CHECK(served.ask(net::Method::kDelete, "/props").headers.find("Allow") ==
        "GET, HEAD, POST, OPTIONS");
  CHECK(served.ask(kPost, "/slots").headers.find("Allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("errors carry the status as a number outside of /v1/, and a word or null inside") {
  Served served({.model_id = "m"});
  const auto code_of = [&](const char* path) {
    return json::parse(served.ask(kPost, path, "{}").body)->at("error").at("code");
  };
  CHECK(code_of("/completion") == 400);
  CHECK(code_of("/v1/completions") == "missing_required_parameter");
  CHECK(code_of("/infill") == 501);
  CHECK(code_of("/v1/responses").is_null());
  CHECK(code_of("/v1/responses/input_tokens").is_null());
  CHECK(code_of("/responses/input_tokens") == 501);
}

TEST_CASE("a body that is no object, or too much of one, has a code of its own") {
  Served served({.model_id = "m"});
  const auto error_of = [&](const std::string& body) {
    const net::Response answer = served.ask(kPost, "/v1/completions", body);
    const json::Value error = (*json::parse(answer.body))["error"];
    return std::to_string(answer.status) + " " + json::dump(error["code"]);
  };
  CHECK(error_of("[]") == R"(400 "invalid_type")");
  CHECK(error_of("{") == "400 null");
  std::string values = "[1";
  for (int i = 0; i < 300'000; ++i) values += ",1";
  CHECK(error_of(R"({"prompt": )" + values + "]}") == R"(413 "payload_too_large")");
}

TEST_CASE("prompts and choices of each are limited together") {
  Served served({.model_id = "m"});
  const std::string prompts = json::dump(json::Value(std::vector<std::string>(17, "a")));
  for (const char* path : {"/v1/completions", "/completion"}) {
    CAPTURE(path);
    const net::Response refused =
        served.ask(kPost, path, R"({"n": 128, "max_tokens": 1, "prompt": )" + prompts + "}");
    CHECK(refused.status == 400);
    CHECK(refused.body.find("17 prompts in `prompt` with `n` 128 make 2176 choices, the limit is "
                            "2048") != std::string::npos);
  }
}

TEST_CASE("settings show the grammar that was asked for, unless all choices would show too much") {
  Served served({.model_id = "m"});
  const auto grammar_of = [&](size_t n_bytes, const std::string& more) {
    const std::string gbnf = "root ::= \"ab\" #" + std::string(n_bytes, 'x');
    json::Value answer = served.post(
        "/completion", R"({"prompt": "a", "max_tokens": 1, "grammar": )" + json::dump(gbnf) + more);
    if (answer.is_array()) answer = json::Value(answer[0]);
    return answer["generation_settings"].value("grammar", "").size();
  };
  CHECK(grammar_of(10, "}") > 10);
  CHECK(grammar_of(100'000, "}") > 100'000);
  CHECK(grammar_of(100'000, R"(, "n": 100})") == 0);
}

TEST_CASE("choices of all prompts come back by index, more of them than slots") {
  Served served({.model_id = "m"});
  const json::Value answer = served.post(
      "/completion",
      R"({"prompt": [[1, 2, 3], [4, 5]], "n": 3, "n_predict": 4, "temperature": 0, "ignore_eos": true})");
  REQUIRE(answer.size() == 6);
  for (size_t i = 0; i < 6; ++i) {
    CHECK(answer[i]["index"] == i);
    CHECK(answer[i]["content"] == answer[i - i % 3]["content"]);
    CHECK(answer[i]["tokens_predicted"] == 4);
  }
}

TEST_CASE("the context's end is a limit, and truncates") {
  Served served({.model_id = "m"});
  const json::Value answer =
      served.post("/completion", R"({"prompt": [1, 2, 3], "ignore_eos": true, "response_fields":
                         ["stop_type", "truncated", "tokens_predicted"]})");
  CHECK(answer["stop_type"] == "limit");
  CHECK(answer["truncated"] == true);
  CHECK(answer.size() == 3);
}

TEST_CASE("a prompt without tokens is refused by OpenAI's route and answered by the other") {
  Served served({.model_id = "m"});
  CHECK(served.ask(kPost, "/v1/completions", R"({"prompt": ""})").status == 400);
  const json::Value both =
      served.post("/completion", R"({"prompt": ["", "ab"], "n_predict": 2, "ignore_eos": true})");
  CHECK(both[0]["content"] == "");
  CHECK(both[1]["tokens_predicted"] == 2);
}

TEST_CASE("more probabilities than a whole answer may hold end it") {
  Served served({.model_id = "m"});
  const net::Response refused = served.ask(
      kPost, "/completion", R"({"prompt": [1], "n": 16, "n_probs": 1000, "ignore_eos": true})");
  CHECK(refused.status == 400);
  CHECK(refused.body.find("probabilities") != std::string::npos);
}

TEST_CASE("verbose answers show llama-server's form beside OpenAI's") {
  Served served({.model_id = "m"});
  const json::Value answer = served.post(
      "/v1/completions", R"({"prompt": "ab", "max_tokens": 2, "verbose": true, "n": 2})");
  CHECK(answer["choices"].size() == 2);
  CHECK(answer["__verbose"].size() == 2);
  CHECK(answer["__verbose"][0]["prompt"] == "ab");
}

}  // namespace
}  // namespace samovar::api
