// Keys and values into the KV cache, and the int16 codes of keys, values and queries.
// Needs math.inc.h; docs/formats/kv-cache.md has the arithmetic.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/float_ops.inc.h"
#include "kernels/quantize.inc.h"
#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr float kLargestCode = 32767.0F;
// Length of a vector of balanced codes, whose square is below 2^31: by Cauchy and Schwarz so is the
// dot product of two. Rounding adds up to half the square root of n.
constexpr float kCodesLength = 46340.0F;
constexpr float kSmallestLength = 0x1p-50F;  // its square is a normal number

// codes = x / scale, rounded.
inline void round_codes(const float* x, int64_t n, float scale, int16_t* codes) {
  const F32x16 inverse = set1(1.0F / scale);
  for_each_16(n, [&](int64_t i, int count) {
    int16_t sixteen[16];
    store_rounded(sixteen, load(x + i, count) * inverse);
    __builtin_memcpy(codes + i, sixteen, static_cast<size_t>(count) * sizeof(int16_t));
  });
}

inline float largest_magnitude(const float* x, int64_t n) {
  F32x16 magnitude = set1(0.0F);
  for_each_16(
      n, [&](int64_t i, int count) { magnitude = max_magnitude(magnitude, load(x + i, count)); });
  return reduce_max_magnitude(magnitude);
}

// Codes of a query or a key, filled up to an even number; RETURNS their scale.
float quantize_balanced(const float* x, int64_t n, int16_t* codes) {
  const float squares = sum_lanes(n, [&](int64_t i, int count, F32x16 sum) {
    const F32x16 v = load(x + i, count);
    return fma(v, v, sum);
  });
  const float length = __builtin_sqrtf(squares);
  if (n % 2 != 0) codes[n] = 0;
  if (!(length >= kSmallestLength && length <= kLargestFinite)) {
    for (int64_t i = 0; i < n; ++i) codes[i] = 0;
    return 0.0F;
  }
  const float by_length = length / (kCodesLength - 0.5F * __builtin_sqrtf(static_cast<float>(n)));
  const float by_largest = largest_magnitude(x, n) / kLargestCode;
  const float scale = by_length > by_largest ? by_length : by_largest;
  round_codes(x, n, scale, codes);
  return scale;
}

// Codes of a value; RETURNS their scale.
inline float quantize_value(const float* x, int64_t n, int16_t* codes) {
  const float amax = largest_magnitude(x, n);
  if (!(amax >= kSmallestAmax && amax <= kLargestFinite)) {
    for (int64_t i = 0; i < n; ++i) codes[i] = 0;
    return 0.0F;
  }
  const float scale = amax / kLargestCode;
  round_codes(x, n, scale, codes);
  return scale;
}

constexpr int64_t kMaxHead = 4096;  // elements of a head

void store_key_codes(const float* x, const KvBlock& block, int64_t slot) {
  int16_t codes[kMaxHead];
  block.key_scales[slot] = quantize_balanced(x, block.d_k, codes);
  int16_t* out = static_cast<int16_t*>(block.keys) + 2 * slot;
  for (int64_t i = 0; i < block.d_k; i += 2, out += 2 * kPageTokens) {
    __builtin_memcpy(out, codes + i, 2 * sizeof(int16_t));
  }
}

void store_value_codes(const float* x, const KvBlock& block, int64_t slot) {
  int16_t codes[kMaxHead];
  block.value_scales[slot] = quantize_value(x, block.d_v, codes);
  const int64_t width = (block.d_v + 15) / 16 * 16;
  int16_t* out = static_cast<int16_t*>(block.values) + slot / 2 * 2 * width + slot % 2;
  for (int64_t j = 0; j < block.d_v; ++j) out[2 * j] = codes[j];
}

template <class T>
inline void store_column(const T* x, int64_t n, T* column) {
  for (int64_t i = 0; i < n; ++i) column[i * kPageTokens] = x[i];
}

void store_key(const float* x, const KvBlock& block, int64_t slot) {
  if (block.type == KvType::kI16) return store_key_codes(x, block, slot);
  if (block.type == KvType::kF32) {
    return store_column(x, block.d_k, static_cast<float*>(block.keys) + slot);
  }
  uint16_t* column = static_cast<uint16_t*>(block.keys) + slot;
  for_each_16(block.d_k, [&](int64_t i, int count) {
    uint16_t halves[16];
    store_f16(halves, load(x + i, count), count);
    store_column(halves, count, column + i * kPageTokens);
  });
}

void store_value(const float* x, const KvBlock& block, int64_t slot) {
  if (block.type == KvType::kI16) return store_value_codes(x, block, slot);
  const int64_t at = slot * block.d_v;
  for_each_16(block.d_v, [&](int64_t i, int count) {
    const F32x16 v = load(x + i, count);
    if (block.type == KvType::kF16) {
      store_f16(static_cast<uint16_t*>(block.values) + at + i, v, count);
    } else {
      store(static_cast<float*>(block.values) + at + i, v, count);
    }
  });
}

}  // namespace
}  // namespace samovar::kernels
