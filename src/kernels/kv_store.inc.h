// Keys and values into the KV cache, and the codes of keys, values and queries.
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

constexpr float kLargestByte = 127.0F;
constexpr float kLargestHalf = 65504.0F;

inline float round_to_half(float x, uint16_t* half) {
  store_f16(half, set1(x), 1);
  float rounded[16];
  store(rounded, load_f16(half, 1));
  return rounded[0];
}

// Codes of up to kKvGroup elements, rounded to multiples of the scale as it is stored.
inline void quantize_group(const float* x, int64_t n, int8_t* codes, uint16_t* scale_out) {
  const float amax = largest_magnitude(x, n);
  float wished = amax <= kLargestFinite ? amax / kLargestByte : 0.0F;
  if (wished > kLargestHalf) wished = kLargestHalf;
  const float scale = round_to_half(wished, scale_out);
  const F32x16 inverse = set1(scale > 0.0F ? 1.0F / scale : 0.0F);
  for_each_16(n, [&](int64_t i, int count) {
    const F32x16 v = scale > 0.0F ? load(x + i, count) * inverse : set1(0.0F);
    int8_t sixteen[16];
    store_rounded(sixteen, max_of(set1(-kLargestByte), min_of(set1(kLargestByte), v)));
    __builtin_memcpy(codes + i, sixteen, static_cast<size_t>(count));
  });
}

// All groups of a row, filled up to an even number; scales go to position `slot` of each group. Not
// inline: GCC 12 would see a write before the array where n is negative.
[[gnu::noinline]] void quantize_groups(const float* x, int64_t n, int8_t* codes, void* scales,
                                       int64_t slot) {
  auto* scale = static_cast<uint16_t*>(scales) + slot;
  for (int64_t i = 0; i < n; i += kKvGroup, scale += kPageTokens) {
    quantize_group(x + i, n - i < kKvGroup ? n - i : kKvGroup, codes + i, scale);
  }
  if (n % 2 != 0) codes[n] = 0;
}

constexpr int64_t kMaxHead = 4096;  // elements of a head

template <class Code>
inline void place_key(const Code* codes, const KvBlock& block, int64_t slot) {
  Code* out = static_cast<Code*>(block.keys) + 2 * slot;
  for (int64_t i = 0; i < block.d_k; i += 2, out += 2 * kPageTokens) {
    __builtin_memcpy(out, codes + i, 2 * sizeof(Code));
  }
}

template <class Code>
inline void place_value(const Code* codes, const KvBlock& block, int64_t slot) {
  const int64_t width = (block.d_v + 15) / 16 * 16;
  Code* out = static_cast<Code*>(block.values) + slot / 2 * 2 * width + slot % 2;
  for (int64_t j = 0; j < block.d_v; ++j) out[2 * j] = codes[j];
}

void store_key_codes(const float* x, const KvBlock& block, int64_t slot) {
  int16_t codes[kMaxHead];
  static_cast<float*>(block.key_scales)[slot] = quantize_balanced(x, block.d_k, codes);
  place_key(codes, block, slot);
}

void store_value_codes(const float* x, const KvBlock& block, int64_t slot) {
  int16_t codes[kMaxHead];
  static_cast<float*>(block.value_scales)[slot] = quantize_value(x, block.d_v, codes);
  place_value(codes, block, slot);
}

void store_key_bytes(const float* x, const KvBlock& block, int64_t slot) {
  int8_t codes[kMaxHead + 1];
  quantize_groups(x, block.d_k, codes, block.key_scales, slot);
  place_key(codes, block, slot);
}

void store_value_bytes(const float* x, const KvBlock& block, int64_t slot) {
  int8_t codes[kMaxHead + 1];
  quantize_groups(x, block.d_v, codes, block.value_scales, slot);
  place_value(codes, block, slot);
}

template <class T>
inline void store_column(const T* x, int64_t n, T* column) {
  for (int64_t i = 0; i < n; ++i) column[i * kPageTokens] = x[i];
}

void store_key(const float* x, const KvBlock& block, int64_t slot) {
  if (block.type == KvType::kI16) return store_key_codes(x, block, slot);
  if (block.type == KvType::kQ8_0) return store_key_bytes(x, block, slot);
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
  if (block.type == KvType::kQ8_0) return store_value_bytes(x, block, slot);
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
