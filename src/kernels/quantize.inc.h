// Activation rows to int8 codes with one scale per block. Needs a vec_<isa>.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdint.h>

namespace samovar::kernels {
namespace {

// Below this the largest magnitude's 127 / amax would overflow; such a block is all zeros.
constexpr float kSmallestAmax = 0x1p-100F;
constexpr float kLargestFinite = 0x1.fffffep127F;

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
    *scales = amax / 127.0F;
    const F32x16 inverse = set1(127.0F / amax);
    for (int i = 0; i < kBlock; i += 16) {
      const int32_t sum = store_rounded(codes + first + i, load(x + first + i) * inverse);
      *sums++ = static_cast<int16_t>(sum);
    }
  }
}

}  // namespace
}  // namespace samovar::kernels
