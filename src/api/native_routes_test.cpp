// llama-server's routes over HTTP, with a tiny model.
#include "api/served_api.h"
#include "engine/test_model.h"
#include "kernels/select.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

class Served : public ServedApi {
 public:
  explicit Served(ApiOptions options, bool with_model = true) : ServedApi(std::move(options)) {
    if (with_model) api.set_model(load());
  }

  json::Value post(const std::string& path, const std::string& body) {
    const net::Response answer = ask(net::Method::kPost, path, body);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    return *json::parse(answer.body);
  }

 private:
  static ServedPointer load() {
    auto ledger = std::make_unique<Ledger>();
    auto model = engine::test_model();
    auto engine = engine::Engine::create(model, kernels::select(sys::Isa::kScalar),
                                         {.n_slots = 2, .n_ctx = 256}, *ledger);
    REQUIRE(engine.ok());
    auto format = choose_chat_format(model->file(), "chatml");
    REQUIRE(format.ok());
    return std::make_shared<const ServedModel>(ServedModel{
        std::move(ledger), std::move(model), *std::move(engine), *std::move(format), "F32"});
  }
};

constexpr net::Method kGet = net::Method::kGet;
constexpr net::Method kPost = net::Method::kPost;

TEST_CASE("state is 503 while the model loads, and what is not there 501 at any time") {
  Served served({.model_id = "m"}, false);
  CHECK(served.ask(kGet, "/props").status == 503);
  CHECK(served.ask(kGet, "/slots").status == 503);
  CHECK(served.ask(kPost, "/tokenize", "{}").status == 503);
  CHECK(served.ask(kPost, "/embedding", "{}").status == 501);
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
  CHECK(served.ask(kGet, "/llm").status == 200);
  CHECK(served.ask(kGet, "/health").status == 404);
  CHECK(served.ask(kGet, "/llmhealth").status == 404);
  CHECK(served.ask(kPost, "/llm/tokenize", R"({"content": "ab"})").status == 200);
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
  CHECK(code_of("/v1/embeddings").is_null());
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
