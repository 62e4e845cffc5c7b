// Join: what two neighbouring pieces would become, and how urgent that is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/token.h"

#include <cstdint>

namespace samovar::tokenizer {

inline constexpr Token kNoToken = -1;

struct Join {
  static constexpr uint32_t kNever = UINT32_MAX;
  uint32_t priority = kNever;  // smallest first
  Token result = kNoToken;

  static constexpr Join none() { return {}; }
  bool exists() const { return priority != kNever; }
};

// A piece of a word on its way to becoming tokens.
struct Piece {
  uint32_t begin = 0;  // B, in the word
  uint32_t size = 0;   // B
  Token token = kNoToken;
};

}  // namespace samovar::tokenizer
