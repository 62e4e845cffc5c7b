// Params: how a token is drawn from logits. Field names and defaults follow the serving APIs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace samovar::sample {

// The steps between biased logits and the draw.
enum class Step : uint8_t {
  kPenalties,
  kDry,
  kTopNSigma,
  kTopK,
  kTypical,
  kTopP,
  kMinP,
  kXtc,
  kTemperature,
};

struct Params {
  float temperature = 0.8F;  // 0: greedy
  int32_t top_k = 40;        // 0: off
  float top_p = 0.95F;       // 1: off
  float min_p = 0.05F;       // 0: off
  float typical_p = 1.0F;    // 1: off
  float repeat_penalty =
      1.0F;  // 1: off; divides positive logits of recent tokens, multiplies negative
  float presence_penalty = 0.0F;   // subtracted once from logits of recent tokens
  float frequency_penalty = 0.0F;  // subtracted for each time a recent token occurred
  int32_t repeat_last_n = 64;      // recent tokens that penalties look at; 0: off
  // Added to logits before anything else; -infinity bans a token.
  std::vector<std::pair<int32_t, float>> logit_bias;
  uint64_t seed = 0;

  float top_n_sigma = -1.0F;     // <= 0: off
  float xtc_probability = 0.0F;  // 0: off
  float xtc_threshold = 0.1F;    // above 0.5: off
  float dynatemp_range = 0.0F;   // 0: off; temperature moves by this much up and down
  float dynatemp_exponent = 1.0F;
  float dry_multiplier = 0.0F;  // 0: off
  float dry_base = 1.75F;
  int32_t dry_allowed_length = 2;
  int32_t dry_last_n = 64;            // tokens that DRY looks at; 0: off
  std::vector<int32_t> dry_breakers;  // ascending; no repetition reaches over these tokens
  int32_t mirostat = 0;               // 1 or 2: that version replaces all steps but temperature
  float mirostat_tau = 5.0F;          // surprise aimed at, in bits
  float mirostat_eta = 0.1F;
  int32_t min_keep = 0;  // tokens that typical, top-p, min-p and XTC leave at least
  // In this order; a step that is not here is not taken.
  std::vector<Step> steps = {Step::kPenalties, Step::kDry,     Step::kTopNSigma,
                             Step::kTopK,      Step::kTypical, Step::kTopP,
                             Step::kMinP,      Step::kXtc,     Step::kTemperature};
};

}  // namespace samovar::sample
