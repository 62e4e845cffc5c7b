#include "api/ollama_options.h"

#include "engine/test_model.h"
#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

struct ReadOptions {
  OllamaOptions options;
  std::string problem;
};

ReadOptions read_options(const json::Value& options, GenerationDefaults defaults = {}) {
  static const auto model = engine::test_model();
  const json::Value body = {{"options", options}};
  Fields fields(body);
  ReadOptions out{read_ollama_options(fields, defaults, model->tokenizer(), 512), ""};
  if (fields.error()) out.problem = fields.error()->message;
  return out;
}

TEST_CASE("Ollama's own defaults hold unless the server was told otherwise") {
  const OllamaOptions options = read_options(nullptr).options;
  CHECK(options.sampling.top_p == 0.9F);
  CHECK(options.sampling.min_p == 0.0F);
  CHECK(options.sampling.temperature == 0.8F);
  CHECK(options.n_ctx == 512);
  CHECK(options.max_tokens == -1);
  GenerationDefaults told;
  told.sampling.top_p = 0.5F;
  CHECK(read_options(nullptr, told).options.sampling.top_p == 0.5F);
}

TEST_CASE("options of the wrong type are named") {
  CHECK(read_options({{"num_predict", "8"}}).problem ==
        "option \"num_predict\" must be of type integer");
  CHECK(read_options({{"num_ctx", 1.5}}).problem == "option \"num_ctx\" must be of type integer");
  CHECK(read_options({{"temperature", "hot"}}).problem ==
        "option \"temperature\" must be of type float32");
  CHECK(read_options({{"use_mmap", 1}}).problem == "option \"use_mmap\" must be of type boolean");
  CHECK(read_options({{"stop", "x"}}).problem ==
        "option \"stop\" must be of type array of strings");
  CHECK(read_options({{"stop", {1}}}).problem ==
        "option \"stop\" must be of type array of strings");
  CHECK(read_options(7).problem == "`options` must be an object, not number");
}

TEST_CASE("stop strings have the limits of all routes") {
  CHECK(read_options({{"stop", std::vector<std::string>(256, "a")}}).problem.empty());
  CHECK(read_options({{"stop", std::vector<std::string>(257, "a")}}).problem ==
        "`options.stop` holds 257 texts of 257 bytes in all, the limits are 256 and 65536");
  const std::string long_text(size_t{64} << 10, 'a');
  CHECK(read_options({{"stop", {long_text}}}).problem.empty());
  CHECK_FALSE(read_options({{"stop", {long_text, "a"}}}).problem.empty());
}

TEST_CASE("unknown options and null are passed over") {
  CHECK(read_options({{"frobnicate", "x"}, {"seed", nullptr}, {"num_gpu", 99}}).problem.empty());
}

TEST_CASE("the context asked for is a limit, never more than a slot has") {
  CHECK(read_options({{"num_ctx", 64}}).options.n_ctx == 64);
  CHECK(read_options({{"num_ctx", 8192}}).options.n_ctx == 512);
  CHECK(read_options({{"num_ctx", 0}}).options.n_ctx == 512);
  CHECK(read_options({{"num_ctx", 64.0}}).options.n_ctx == 64);
}

TEST_CASE("values are read, and a repetition window below zero is the context") {
  const OllamaOptions options = read_options({{"seed", 7},
                                              {"num_predict", 5},
                                              {"repeat_last_n", -1},
                                              {"stop", {"a", ""}},
                                              {"top_k", -3}})
                                    .options;
  CHECK(options.sampling.seed == 7);
  CHECK(options.max_tokens == 5);
  CHECK(options.sampling.repeat_last_n == 512);
  CHECK(options.stop == std::vector<std::string>{"a"});
  CHECK(options.sampling.top_k == 0);
  CHECK(read_options({{"num_predict", -2}}).options.max_tokens == -1);
}

}  // namespace
}  // namespace samovar::api
