// Params: how a token is drawn from logits. Field names and defaults follow the serving APIs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace samovar::sample {

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
};

}  // namespace samovar::sample
