// Activation rows to int8 codes with one scale per block. Needs a vec_<isa>.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.h"

#include <stdint.h>

namespace samovar::kernels {
namespace {

// Below this the largest magnitude's 127 / amax would overflow; such a block is all zeros.
constexpr float kSmallestAmax = 0x1p-100F;
constexpr float kLargestFinite = 0x1.fffffep127F;
// Kernels for K-quants keep sums in int16: the magnitudes of 16 codes, added, stay within this.
constexpr int32_t kMaxMagnitudes = 1023;
// What a block that exceeds it is scaled to. Rounding adds at most 8 before and 8 after:
// (W + 8) / W * 1007 + 8 <= 1023 for every W from 1023 to 2032.
constexpr float kSafeMagnitudes = 1007.0F;

template <int kBlock>
inline float largest_magnitude(const float* x) {
  F32x16 magnitude = set1(0.0F);
  for (int i = 0; i < kBlock; i += 16) magnitude = max_magnitude(magnitude, load(x + i));
  return reduce_max_magnitude(magnitude);
}

template <int kBlock>
inline void round_codes(const float* x, float inverse, int8_t* codes) {
  const F32x16 factor = set1(inverse);
  for (int i = 0; i < kBlock; i += 16) store_rounded(codes + i, load(x + i) * factor);
}

// The largest sum of the magnitudes of 16 codes.
template <int kBlock>
inline int32_t largest_magnitudes(const int8_t* codes) {
  int32_t largest = 0;
  for (int i = 0; i < kBlock; i += 16) {
    const int32_t sum = sum_magnitudes(codes + i);
    largest = sum > largest ? sum : largest;
  }
  return largest;
}

// Fills the codes of one block, in ascending order, and returns its scale.
template <int kBlock>
inline float quantize_block(const float* x, float amax, int8_t* codes) {
  float scale = amax / 127.0F;
  round_codes<kBlock>(x, 1.0F / scale, codes);
  if constexpr (kBlock == 256) {
    const int32_t magnitudes = largest_magnitudes<kBlock>(codes);
    if (magnitudes > kMaxMagnitudes) {
      scale *= static_cast<float>(magnitudes) / kSafeMagnitudes;
      round_codes<kBlock>(x, 1.0F / scale, codes);
    }
  }
  return scale;
}

// The sums of kCodes codes from `first` on.
template <int kCodes>
inline void add_sums(int first, ActBlock& block) {
  for (int i = first; i < first + kCodes; i += 32) {
    const int32_t low = sum_codes(block.codes + i);
    const int32_t high = sum_codes(block.codes + i + 16);
    block.sums[i / 16] = static_cast<int16_t>(low);
    block.sums[i / 16 + 1] = static_cast<int16_t>(high);
    block.wide_sums[i / 32] = static_cast<int16_t>(low + high);
  }
}

// Fills the codes and sums of kScaled elements from `first` of the block on, and their scale.
template <int kScaled>
inline void quantize_part(const float* x, int first, ActBlock& block) {
  int8_t* codes = block.codes + first;
  float& scale = block.scales[first / 32];
  const float amax = largest_magnitude<kScaled>(x);
  if (amax >= kSmallestAmax && amax <= kLargestFinite) {
    scale = quantize_block<kScaled>(x, amax, codes);
  } else {
    scale = 0.0F;
    for (int j = 0; j < kScaled; ++j) codes[j] = 0;
  }
  add_sums<kScaled>(first, block);
}

inline void quantize_q8_32(const float* x, int64_t k, ActBlock* blocks) {
  for (int64_t i = 0; i < k; i += 32) {
    ActBlock& block = blocks[i / kActBlock];
    const int first = static_cast<int>(i % kActBlock);
    const int part = first / 32;
    quantize_part<32>(x + i, first, block);
    block.scaled_sums[part] = block.scales[part] * static_cast<float>(block.wide_sums[part]);
  }
}

inline void quantize_q8_256(const float* x, int64_t k, ActBlock* blocks) {
  for (int64_t i = 0; i < k; i += kActBlock) quantize_part<256>(x + i, 0, blocks[i / kActBlock]);
}

}  // namespace
}  // namespace samovar::kernels
