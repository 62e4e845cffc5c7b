// Embeddings over HTTP, in the form of each API.
#include "api/test_server.h"

#include <cmath>

namespace samovar::api {
namespace {

using model::Pooling;

constexpr net::Method kPost = net::Method::kPost;

double length(const json::Value& vector) {
  double sum = 0;
  for (const json::Value& value : vector) sum += value.get<double>() * value.get<double>();
  return std::sqrt(sum);
}

// The vector of OpenAI's route for the text `input` (JSON) and more members.
json::Value vector_of(Served& served, const std::string& input, const std::string& more = "") {
  const json::Value answer = served.post("/v1/embeddings", R"({"input": )" + input + more + "}");
  return answer["data"][0]["embedding"];
}

TEST_CASE("OpenAI's route answers with unit vectors in the order of the texts") {
  Served served({.model_id = "m"});
  const json::Value one = vector_of(served, "\"ab\"");
  CHECK(one.size() == 256);
  CHECK(length(one) == doctest::Approx(1));
  const json::Value all = served.post("/v1/embeddings",
                                      R"({"input": ["a", [256], "ab", {"prompt_string": "ab"},
                    {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]})");
  CHECK(all["object"] == "list");
  CHECK(all["model"] == "m");
  REQUIRE(all["data"].size() == 5);
  for (size_t i = 0; i < 5; ++i) {
    CHECK(all["data"][i]["object"] == "embedding");
    CHECK(all["data"][i]["index"] == i);
    CHECK((all["data"][i]["embedding"] == one) == (i > 0));
  }
  CHECK(all["usage"] == json::Value({{"prompt_tokens", 5}, {"total_tokens", 5}}));
}

TEST_CASE("vectors can be cut, normalised in another way, and come in base64") {
  Served served({.model_id = "m"});
  const json::Value whole = vector_of(served, "\"abc\"");
  const json::Value cut = vector_of(served, "\"abc\"", R"(, "dimensions": 2)");
  REQUIRE(cut.size() == 2);
  CHECK(length(cut) == doctest::Approx(1));
  CHECK(cut[0].get<double>() / cut[1].get<double>() ==
        doctest::Approx(whole[0].get<double>() / whole[1].get<double>()));
  const json::Value raw = vector_of(served, "\"abc\"", R"(, "embd_normalize": -1)");
  CHECK(std::abs(length(raw) - 1) > 0.1);
  const json::Value text =
      vector_of(served, "\"abc\"", R"(, "encoding_format": "base64", "dimensions": 3)");
  CHECK(text.get<std::string>().size() == 16);
}

TEST_CASE("llama-server's routes give a row for each token, or one vector with a pooling") {
  const std::string body = R"({"input": "abc"})";
  Served plain({.model_id = "m"});
  for (const std::string path : {"/embedding", "/embeddings"}) {
    const json::Value answer = plain.post(path, body);
    REQUIRE(answer.size() == 1);
    CHECK(answer[0]["index"] == 0);
    CHECK(answer[0]["embedding"].size() == 2);  // "ab", "c"
    CHECK(std::abs(length(answer[0]["embedding"][0]) - 1) > 0.1);
  }
  const json::Value of_content = plain.post("/v1/embeddings", R"({"content": ["abc", "ab"]})");
  CHECK(of_content[1]["embedding"].size() == 1);
  Served mean({.model_id = "m", .pooling = Pooling::kMean});
  const json::Value pooled = mean.post("/embedding", body);
  REQUIRE(pooled[0]["embedding"].size() == 1);
  CHECK(length(pooled[0]["embedding"][0]) == doctest::Approx(1));
}

TEST_CASE("routes that answer with one vector refuse pooling none") {
  Served served({.model_id = "m", .pooling = Pooling::kNone});
  CHECK(served.ask(kPost, "/v1/embeddings", R"({"input": "a"})").status == 400);
  CHECK(served.ask(kPost, "/api/embed", R"({"model": "m", "input": "a"})").status == 400);
  CHECK(served.ask(kPost, "/api/embeddings", R"({"model": "m", "prompt": "a"})").status == 400);
  CHECK(served.ask(kPost, "/embeddings", R"({"input": "a"})").status == 200);
}

TEST_CASE("each wrong member of a request for embeddings is named") {
  Served served({.model_id = "m"});
  struct Case {
    std::string body, param;
  };
  const std::string long_text = "\"" + std::string(257, 'c') + "\"";
  for (const Case& wrong :
       std::vector<Case>{{"{}", "input"},
                         {R"({"input": null})", "input"},
                         {R"({"input": []})", "input"},
                         {R"({"input": ""})", "input"},
                         {R"({"input": ["a", ""]})", "input[1]"},
                         {R"({"input": 5})", "input"},
                         {R"({"input": [5, 9999]})", "input[1]"},
                         {R"({"input": [[1], [true]]})", "input[1][0]"},
                         {R"({"input": {"content": "a"}})", "input.content"},
                         {R"({"input": {"content": [{"type": "image_url"}]}})", "input.content[0]"},
                         {R"({"input": "a", "encoding_format": "hex"})", "encoding_format"},
                         {R"({"input": "a", "encoding_format": 4})", "encoding_format"},
                         {R"({"input": "a", "dimensions": 0})", "dimensions"},
                         {R"({"input": "a", "dimensions": 257})", "dimensions"},
                         {R"({"input": "a", "dimensions": "8"})", "dimensions"},
                         {R"({"input": "a", "embd_normalize": -2})", "embd_normalize"},
                         {R"({"input": ["a", )" + long_text + "]}", "input[1]"}}) {
    CAPTURE(wrong.body.substr(0, 60));
    const net::Response refused = served.ask(kPost, "/v1/embeddings", wrong.body);
    CHECK(refused.status == 400);
    CHECK((*json::parse(refused.body))["error"]["param"] == wrong.param);
  }
  const net::Response large = served.ask(kPost, "/embedding", R"({"input": )" + long_text + "}");
  const json::Value error = (*json::parse(large.body))["error"];
  CHECK(error["type"] == "exceed_context_size_error");
  CHECK(error["n_prompt_tokens"] == 257);
  CHECK(error["n_ctx"] == 256);
  CHECK(error["message"].get<std::string>().find("too large") != std::string::npos);
}

TEST_CASE("more numbers than an answer holds are refused before any is computed") {
  Served served({.model_id = "m"});
  json::Value texts = json::Value::array();
  for (int i = 0; i < 200; ++i) texts.push_back(std::string(200, 'c'));
  const net::Response refused =
      served.ask(kPost, "/embeddings", json::dump({{"input", std::move(texts)}}));
  CHECK(refused.status == 400);
  CHECK(refused.body.find("40000 vectors of 256 numbers") != std::string::npos);
}

TEST_CASE("many texts of one request come back in their order") {
  Served served({.model_id = "m"});
  json::Value texts = json::Value::array();
  for (int i = 0; i < 60; ++i) texts.push_back(std::string(static_cast<size_t>(1 + i % 3), 'c'));
  const json::Value answer = served.post("/v1/embeddings", json::dump({{"input", texts}}));
  REQUIRE(answer["data"].size() == 60);
  for (size_t i = 3; i < 60; ++i) {
    CHECK(answer["data"][i]["embedding"] == answer["data"][i % 3]["embedding"]);
  }
  CHECK(answer["usage"]["total_tokens"] == 120);
}

TEST_CASE("Ollama's routes: texts in, unit vectors out; the old one gives the raw vector") {
  Served served({.model_id = "m"});
  const json::Value two =
      served.post("/api/embed", R"({"model": "m", "input": ["abc", "ab"], "dimensions": 8})");
  CHECK(two["model"] == "m");
  REQUIRE(two["embeddings"].size() == 2);
  CHECK(two["embeddings"][0].size() == 8);
  CHECK(length(two["embeddings"][1]) == doctest::Approx(1));
  CHECK(two["prompt_eval_count"] == 3);
  CHECK(two["total_duration"].get<int64_t>() > 0);
  CHECK(two.contains("load_duration"));
  const json::Value old = served.post("/api/embeddings", R"({"model": "m", "prompt": "abc"})");
  CHECK(old["embedding"].size() == 256);
  CHECK(std::abs(length(old["embedding"]) - 1) > 0.1);
  for (const std::string input : {"\"\"", "[]", "null"}) {
    CHECK(served.post("/api/embed", R"({"model": "m", "input": )" + input + "}")["embeddings"]
              .empty());
  }
  CHECK(served.post("/api/embeddings", R"({"model": "m"})")["embedding"].empty());
}

TEST_CASE("Ollama's texts are cut to the context, or refused where the request wants all of it") {
  Served served({.model_id = "m"});
  const std::string c(300, 'c'), begin = R"({"model": "m", "input": ")";
  const json::Value cut = served.post("/api/embed", begin + c + "\"}");
  CHECK(cut["prompt_eval_count"] == 256);
  const json::Value small =
      served.post("/api/embed", begin + c + R"(", "options": {"num_ctx": 7}})");
  CHECK(small["prompt_eval_count"] == 7);
  const net::Response refused =
      served.ask(kPost, "/api/embed", begin + c + R"(", "truncate": false})");
  CHECK(refused.status == 400);
  CHECK(refused.body.find("the input length exceeds the context length") != std::string::npos);
  for (const std::string input : {"5", "{}", "[1]", "[\"a\", null]"}) {
    const net::Response wrong =
        served.ask(kPost, "/api/embed", R"({"model": "m", "input": )" + input + "}");
    CHECK(wrong.status == 400);
    CHECK(wrong.body.find("invalid input type") != std::string::npos);
  }
  CHECK(served.ask(kPost, "/api/embed", R"({"model": "other", "input": "a"})").status == 404);
}

}  // namespace
}  // namespace samovar::api
