// Pooler: what becomes of the final states of a text's tokens: one vector, or one for each of them.
//
// States come in the order of their tokens, in any number of parts: the result is the same. Thread:
// one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/config.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace samovar::engine {

class Pooler {
 public:
  Pooler(model::Pooling pooling, int64_t n_tokens);  // for a text of n_tokens

  // Whether the state of the token at `position` has a part in the result.
  bool wants(int64_t position) const;
  // The next state that is wanted: [d_model]. The first one takes the memory for all.
  void add(std::span<const float> state);
  // [d_model], or [n_tokens, d_model] with kNone. REQUIRES: all wanted states were added.
  std::shared_ptr<const std::vector<float>> take();

 private:
  model::Pooling pooling_;
  int64_t n_tokens_;
  std::vector<double> sum_;                   // [d_model] with kMean
  std::shared_ptr<std::vector<float>> rows_;  // what take() will give, as far as it is known
};

}  // namespace samovar::engine
