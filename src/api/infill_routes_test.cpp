// Filling in between two texts over HTTP.
#include "api/test_server.h"
#include "json/json.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

struct FillingServer : Served {
  explicit FillingServer(bool suffix_first = false)
      : Served({.model_id = "m", .spm_infill = suffix_first}, false) {
    api.set_model(TinyServedModel{.fills_in = true}.make());
  }
  // The prompt that the model saw.
  std::string prompt_of(const std::string& prompt) {
    return post("/v1/completions",
                R"({"verbose": true, "max_tokens": 1, "suffix": "z", "prompt": )" + prompt +
                    "}")["__verbose"]["prompt"];
  }
  std::string code_of(const std::string& members) {
    const net::Response answer = ask(net::Method::kPost, "/v1/completions", "{" + members + "}");
    CHECK(answer.status == 400);
    return (*json::parse(answer.body))["error"]["code"];
  }
};

constexpr const char* kPrefix = "extra270";
constexpr const char* kSuffix = "extra269";
constexpr const char* kMiddle = "extra268";

TEST_CASE("a suffix stands behind one prompt, which may be a list of that one") {
  FillingServer served;
  const std::string wanted = std::string(kPrefix) + "a" + kSuffix + "z" + kMiddle;
  CHECK(served.prompt_of("\"a\"") == wanted);
  CHECK(served.prompt_of("[\"a\"]") == wanted);
  CHECK(served.code_of(R"("suffix": "z")") == "missing_required_parameter");
  CHECK(served.code_of(R"("suffix": "z", "prompt": ["a", "b"])") == "invalid_value");
  CHECK(served.code_of(R"("suffix": "z", "prompt": [])") == "invalid_value");
  CHECK(served.code_of(R"("suffix": "z", "prompt": 7)") == "invalid_type");
}

TEST_CASE("--spm-infill puts the suffix first on all routes") {
  FillingServer served(true);
  const std::string wanted = std::string(kSuffix) + "z" + kPrefix + "a" + kMiddle;
  CHECK(served.prompt_of("\"a\"") == wanted);
  const json::Value filled =
      served.post("/infill", R"({"input_prefix": "a", "input_suffix": "z", "n_predict": 1})");
  CHECK(filled["prompt"] == wanted);
  const json::Value generated = served.post("/api/generate", R"({"model": "m", "stream": false,
      "prompt": "a", "suffix": "z", "options": {"num_predict": 1}})");
  CHECK(generated["context"][0] == 269);
}

}  // namespace
}  // namespace samovar::api
