// ContextShift: which tokens a full context drops so that an answer goes on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/kv_cache.h"

#include <algorithm>
#include <cstdint>

namespace samovar::engine {

struct ContextShift {
  int64_t n_keep = 0;     // first tokens that stay; -1: the whole prompt
  int64_t n_discard = 0;  // of those behind them; 0: half. A page at least, for what stays behind
                          // the gap is computed again
};

struct TokenRange {
  int64_t begin = 0, end = 0;
  int64_t size() const { return end - begin; }
};

// The range to drop of the n_tokens that fill a context. Something stays behind it, whatever was
// wished. REQUIRES: n_tokens > 3.
inline TokenRange tokens_to_drop(const ContextShift& wish, int64_t n_prompt, int64_t n_tokens) {
  constexpr int64_t kRoom = 3;  // of a context that keeps all it may
  const int64_t n_keep =
      std::clamp<int64_t>(wish.n_keep < 0 ? n_prompt : wish.n_keep, 0, n_tokens - kRoom);
  const int64_t n_rest = n_tokens - n_keep;
  const int64_t n_wished = wish.n_discard > 0 ? wish.n_discard : n_rest / 2;
  const int64_t n_drop = std::min(std::max(n_wished, model::kPageTokens), n_rest - 1);
  return {n_keep, n_keep + n_drop};
}

}  // namespace samovar::engine
