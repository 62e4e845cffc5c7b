// Chances: how likely the drawn token was, and the likeliest ones beside it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace samovar::sample {

class Sampler;

enum class ChanceKind : uint8_t {
  kNone,
  kModel,  // natural logarithm of the softmax over the model's logits, before any ban or step
  kDrawn,  // probability in the draw itself; only tokens that could be drawn
};

struct ChanceWish {
  ChanceKind kind = ChanceKind::kNone;
  int32_t n_top = 0;  // how many of the likeliest tokens to name
};

struct Chance {
  int32_t token;
  float value;  // by the wish's kind
};

struct TokenChances {
  Chance drawn;
  std::vector<Chance> top;  // descending
};

struct Drawn {
  int32_t token = -1;
  std::shared_ptr<const TokenChances> chances;  // null: not wished, or no token
};

// Sampler::sample() with the wished chances. `logits` [n_vocab] may be changed. Only tokens whose
// bit of `allowed` [n_vocab / 32, rounded up] is set are drawn; empty: all may be.
Drawn draw(Sampler& sampler, std::span<float> logits, std::span<const uint32_t> allowed,
           const ChanceWish& wish);
// A token that is not drawn but had to come, with the wished chances: it alone could be drawn.
Drawn take(int32_t token, std::span<const float> logits, const ChanceWish& wish);

// The model's chances of `token` and of the `n_top` likeliest tokens.
TokenChances model_chances(std::span<const float> logits, int32_t token, int32_t n_top);

}  // namespace samovar::sample
