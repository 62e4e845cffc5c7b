#include "api/sampling_keys.h"

#include "gguf/file.h"
#include "json/json.h"
#include "model/tiny_model.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

using Keys = std::vector<std::pair<std::string, decltype(model::TinyKey::value)>>;

Result<SamplingKeys> keys_of(const Keys& keys) {
  model::TinyModel tiny = model::tiny_model("llama");
  tiny.tensors.clear();
  for (const auto& [name, value] : keys) tiny.set("general.sampling." + name, value);
  const std::vector<std::byte> bytes = tiny.build();
  const auto file = gguf::File::parse(bytes);
  REQUIRE(file.ok());
  return SamplingKeys::from_gguf(*file);
}

TEST_CASE("a file's sampling keys replace our values, but not those that flags gave") {
  const SamplingKeys keys = *keys_of({{"temp", 0.25F},
                                      {"top_k", uint32_t{20}},
                                      {"penalty_repeat", 1.5F},
                                      {"mirostat", uint32_t{2}},
                                      {"sequence", std::string("top_k;nonsense;temperature")}});
  sample::Params params;
  params.top_k = 7;
  const std::vector<std::string> given = {"top_k"};
  keys.apply(given, params);
  CHECK(params.temperature == 0.25F);
  CHECK(params.top_k == 7);
  CHECK(params.repeat_penalty == 1.5F);
  CHECK(params.mirostat == 2);
  CHECK(params.top_p == sample::Params().top_p);
  CHECK(params.steps == std::vector{sample::Step::kTopK, sample::Step::kTemperature});
  CHECK(json::dump(keys.to_json()) ==
        R"({"temp":0.25,"top_k":20,"penalty_repeat":1.5,"mirostat":2,)"
        R"("sequence":["top_k","temperature"]})");
}

TEST_CASE("a file without sampling keys changes nothing") {
  const SamplingKeys keys = *keys_of({});
  CHECK(keys.empty());
  sample::Params params;
  keys.apply({}, params);
  CHECK(params.steps == sample::Params().steps);
}

TEST_CASE("a sampling key out of its range, or of a wrong type, is named") {
  CHECK(keys_of({{"top_p", 1.5F}}).status().message() ==
        "general.sampling.top_p: expected a number from 0 to 1, found 1.5");
  CHECK(keys_of({{"temp", std::string("hot")}}).status().message() ==
        "general.sampling.temp: expected a number from 0 to 1000000, found string");
}

}  // namespace
}  // namespace samovar::api
