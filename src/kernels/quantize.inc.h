// Activation rows to int8 codes with one scale per block. Needs a vec_<isa>.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdint.h>

namespace samovar::kernels {
namespace {

// Below this the largest magnitude's 127 / amax would overflow; such a block is all zeros.
constexpr float kSmallestAmax = 0x1p-100F;
constexpr float kLargestFinite = 0x1.fffffep127F;

// `x` rounded to the 11 significant bits of an f16, ties to even; the exponent stays as wide as
// f32's. REQUIRES: x is finite, positive and not subnormal.
inline float round_to_11_bits(float x) {
  uint32_t bits = 0;
  __builtin_memcpy(&bits, &x, sizeof(bits));
  bits = (bits + 0xFFFU + ((bits >> 13) & 1U)) & ~0x1FFFU;
  __builtin_memcpy(&x, &bits, sizeof(bits));
  return x;
}

template <int kBlock>
void quantize(const float* x, int64_t k, int8_t* codes, float* scales, int16_t* sums) {
  for (int64_t first = 0; first < k; first += kBlock, ++scales) {
    F32x16 magnitude = set1(0.0F);
    for (int i = 0; i < kBlock; i += 16) magnitude = max_magnitude(magnitude, load(x + first + i));
    const float amax = reduce_max_magnitude(magnitude);
    if (!(amax >= kSmallestAmax && amax <= kLargestFinite)) {
      *scales = 0.0F;
      for (int i = 0; i < kBlock; ++i) codes[first + i] = 0;
      for (int i = 0; i < kBlock / 16; ++i) *sums++ = 0;
      continue;
    }
    // As GGUF's own blocks have it: an f16 scale for 32 elements (Q8_0), an f32 scale for 256
    // (Q8_K).
    *scales = kBlock == 32 ? round_to_11_bits(amax / 127.0F) : amax / 127.0F;
    const F32x16 inverse = set1(kBlock == 32 ? 1.0F / *scales : 127.0F / amax);
    for (int i = 0; i < kBlock; i += 16) {
      const int32_t sum = store_rounded(codes + first + i, load(x + first + i) * inverse);
      *sums++ = static_cast<int16_t>(sum);
    }
  }
}

}  // namespace
}  // namespace samovar::kernels
