// What only Gemma 3 files say. Source: llama.cpp src/models/gemma3.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "model/arch/arch.h"

#include <cmath>

#include <fmt/format.h>

namespace samovar::model {
namespace {

constexpr int64_t kDefaultPattern = 6;  // five layers with a window, then one without
constexpr int64_t kLayersOf27B = 62;

// Which layers have a window: an array of flags, or the period of the pattern, or neither.
Result<std::vector<int64_t>> window_flags(const gguf::File& file, int64_t n_layer) {
  constexpr std::string_view kKey = "gemma3.attention.sliding_window_pattern";
  const gguf::Value* value = file.find(kKey);
  if (value != nullptr && value->is_array()) {
    auto flags = value->as_ints();
    if (!flags || static_cast<int64_t>(flags->size()) < n_layer) {
      return corrupt(fmt::format("{}: expected a flag for each of {} layers, found {} elements",
                                 kKey, n_layer, value->size()));
    }
    return *std::move(flags);
  }
  SAMOVAR_ASSIGN(const int64_t period, file.get_int(kKey, 1, 1024, kDefaultPattern));
  std::vector<int64_t> flags;
  for (int64_t l = 0; l < n_layer; ++l) flags.push_back(l % period < period - 1 ? 1 : 0);
  return flags;
}

Status read_softcaps(const gguf::File& file, ModelConfig& config) {
  constexpr std::string_view kOfLogits = "gemma3.final_logit_softcapping";
  constexpr std::string_view kOfScores = "gemma3.attn_logit_softcapping";
  SAMOVAR_ASSIGN(const double of_logits, file.get_float(kOfLogits, 0.0));
  if (!(of_logits >= 0.0 && of_logits <= 1e6)) {
    return corrupt(fmt::format("{}: {} is not in 0..1e6", kOfLogits, of_logits));
  }
  config.logit_softcap = static_cast<float>(of_logits);
  SAMOVAR_ASSIGN(const double of_scores, file.get_float(kOfScores, 0.0));
  if (of_scores != 0.0) {
    return unsupported(
        fmt::format("{}: {}: capped attention does not run yet; expected 0", kOfScores, of_scores));
  }
  return {};
}

}  // namespace

Status refine_gemma3(const gguf::File& file, ModelConfig& config) {
  SAMOVAR_TRY(read_softcaps(file, config));
  SAMOVAR_ASSIGN(const int64_t window,
                 file.get_int("gemma3.attention.sliding_window", 0, INT32_MAX, 0));
  if (window > 0) {
    SAMOVAR_ASSIGN(const auto flags, window_flags(file, config.n_layer));
    for (size_t l = 0; l < config.window.size(); ++l) {
      config.window[l] = flags[l] != 0 ? static_cast<int32_t>(window) : 0;
    }
    SAMOVAR_ASSIGN(const double base, file.get_float("gemma3.rope.freq_base_swa", 10000.0));
    if (!(base > 1.0 && base < 1e12)) {
      return corrupt(fmt::format("gemma3.rope.freq_base_swa: {} is not in 1..1e12", base));
    }
    config.rope.freq_base_swa = static_cast<float>(base);
  }
  // The 27B model scales queries by its width per head, not by its head size.
  // Source: gemma_pytorch gemma/config.py, query_pre_attn_scalar of get_config_for_27b_v3.
  if (config.n_layer == kLayersOf27B) {
    const auto width = static_cast<float>(config.d_model / config.n_head);
    config.attention_scale = 1.0F / std::sqrt(width);
  }
  return {};
}

}  // namespace samovar::model
