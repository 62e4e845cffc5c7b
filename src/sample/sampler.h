// Sampler: one request's way from logits to a token.
//
// Order: bias, penalties, then greedy, or top-k, typical, top-p, min-p, temperature and a draw.
// Draw i of a request uses number i of base/rng.h's sequence for its seed, so the same seed gives
// the same text. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/rng.h"
#include "sample/params.h"

#include <cstdint>
#include <span>
#include <unordered_map>
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

 private:
  struct Candidate {
    int32_t token;
    float logit;
  };
  void apply_bias(std::span<float> logits) const;
  void apply_penalties(std::span<float> logits) const;
  void collect(std::span<const float> logits);
  void keep_typical();
  void keep_top_p();
  void keep_min_p();
  int32_t draw();

  Params params_;
  Rng rng_;
  std::vector<int32_t> recent_;  // ring of the last repeat_last_n tokens
  size_t recent_next_ = 0;
  std::unordered_map<int32_t, int32_t> recent_count_;  // token -> times in recent_
  std::vector<Candidate> candidates_;                  // scratch, kept between draws
};

}  // namespace samovar::sample
