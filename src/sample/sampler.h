// Sampler: one request's way from logits to a token.
//
// Order: bias, then the steps of Params in their order, then a draw. Temperature 0 takes the
// likeliest token instead. Draw i of a request uses number i of base/rng.h's sequence for its seed,
// so the same seed gives the same text. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/rng.h"
#include "sample/candidates.h"
#include "sample/chances.h"
#include "sample/params.h"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace samovar::sample {

class Sampler {
 public:
  // REQUIRES: bias ids are inside the vocabulary that sample() will see.
  explicit Sampler(Params params);

  // Tells the penalties about a token of the prompt or of the answer.
  void accept(int32_t token);

  // Draws a token from `logits` [n_vocab], which are changed in place. NaN logits count as
  // -infinity. Returns -1 when every token is banned. REQUIRES: logits is not empty.
  int32_t sample(std::span<float> logits);

  // Of the last sample(): the probability of its token in the draw, and of the likeliest.
  TokenChances drawn_chances(int32_t token, int32_t n_top);

 private:
  bool takes(Step step) const;
  bool is_greedy() const { return params_.temperature <= 0 && takes(Step::kTemperature); }
  void apply_bias(std::span<float> logits) const;
  float penalized(int32_t token, float logit, double temperature) const;
  void apply_penalties(std::span<float> logits) const;
  std::vector<std::pair<int32_t, float>> dry_now() const;
  void apply_dry(std::span<float> logits) const;
  void filter(Step step);
  int32_t sample_greedy(std::span<float> logits);
  int32_t sample_mirostat(std::span<const float> logits);
  double mirostat_k(size_t n_vocab);

  Params params_;
  Rng rng_;
  Rng xtc_rng_;                  // apart, so that draws keep their numbers
  double mirostat_mu_;           // bits
  std::vector<int32_t> recent_;  // ring of the last repeat_last_n tokens
  size_t recent_next_ = 0;
  std::unordered_map<int32_t, int32_t> recent_count_;  // token -> times in recent_
  std::vector<int32_t> history_;                       // oldest first, while DRY is on
  Candidates candidates_;                              // scratch, kept between draws
};

}  // namespace samovar::sample
