// The tiny golden models: logits of a forward pass in F32 against llama.cpp's.
// SPDX-License-Identifier: Apache-2.0
#include "json/json.h"
#include "kernels/select.h"
#include "model/debug_logits.h"
#include "model/tiny_model.h"
#include "sys/file.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

namespace samovar::model {
namespace {

json::Value golden(const std::string& variant) {
  const std::string path = std::string(SAMOVAR_TEST_DATA) + "/tiny/" + variant + ".json";
  const auto text = sys::read_file(path, uint64_t{1} << 24);
  REQUIRE(text.ok());
  auto value = json::parse(*text);
  REQUIRE(value.ok());
  return *std::move(value);
}

std::vector<float> all_logits(const Model& model, const std::vector<int32_t>& tokens) {
  ThreadPool pool(2);
  std::vector<float> logits;
  const DebugLogitsOptions options{.n_ctx = 256, .kv_type = kernels::KvType::kF32};
  const Status status = debug_logits(model, kernels::select(sys::detect_isa()), pool, tokens,
                                     options, [&](std::span<const float> rows) {
                                       logits.insert(logits.end(), rows.begin(), rows.end());
                                       return Status();
                                     });
  REQUIRE(status.ok());
  return logits;
}

TEST_CASE("tiny models of every architecture give the reference's logits") {
  for (const std::string& variant : tiny_variants()) {
    CAPTURE(variant);
    const json::Value reference = golden(variant);
    const LoadedModel loaded = load(tiny_model(variant));
    const auto n_vocab = static_cast<size_t>(loaded.model.config().n_vocab);
    const std::vector<float> logits =
        all_logits(loaded.model, reference["tokens"].get<std::vector<int32_t>>());
    const auto positions = reference["positions"].get<std::vector<size_t>>();
    float worst = 0.0F;
    for (size_t i = 0; i < positions.size(); ++i) {
      const auto expected = reference["logits"][i].get<std::vector<float>>();
      REQUIRE(expected.size() == n_vocab);
      for (size_t id = 0; id < n_vocab; ++id) {
        worst = std::max(worst, std::abs(expected[id] - logits[positions[i] * n_vocab + id]));
      }
    }
    CHECK(worst < 2e-5F);
  }
}

}  // namespace
}  // namespace samovar::model
