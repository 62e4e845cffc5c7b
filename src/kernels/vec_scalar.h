// F32x16 of the scalar level: sixteen floats in an array. Defines what each operation means.
//
// Every vec_<isa>.h has the same operations with the same bits. Included inside nothing, into one
// unit per family; all names are in an anonymous namespace (see docs/formats/activations.md).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tensor/half.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kMatmulRows = 4;  // weight rows of one tile of the float matrix product
constexpr int kMatmulActs = 1;  // activation rows of that tile
constexpr int kKeyLines = 4;    // lines of 16 keys, or values, that six query rows share

struct F32x16 {
  float v[16];
};

// One lane at a time: f(lane).
template <class F>
inline F32x16 lanes(F f) {
  F32x16 r;
  for (int i = 0; i < 16; ++i) r.v[i] = f(i);
  return r;
}

inline float fma(float a, float b, float c) {
  return __builtin_fmaf(a, b, c);
}
inline float bits_to_float(uint32_t bits) {
  return __builtin_bit_cast(float, bits);
}
inline uint32_t float_to_bits(float value) {
  return __builtin_bit_cast(uint32_t, value);
}

inline F32x16 set1(float value) {
  return lanes([&](int) { return value; });
}
// n of 16 elements, the rest zero. Memory may have any alignment.
inline F32x16 load(const void* p, int n = 16) {
  F32x16 r = set1(0.0F);
  __builtin_memcpy(r.v, p, static_cast<size_t>(n) * sizeof(float));
  return r;
}
inline F32x16 load_f16(const void* p, int n = 16) {
  uint16_t half[16] = {};
  __builtin_memcpy(half, p, static_cast<size_t>(n) * sizeof(uint16_t));
  return lanes([&](int i) { return f16_to_f32(half[i]); });
}
inline F32x16 load_bf16(const void* p, int n = 16) {
  uint16_t half[16] = {};
  __builtin_memcpy(half, p, static_cast<size_t>(n) * sizeof(uint16_t));
  return lanes([&](int i) { return bf16_to_f32(half[i]); });
}
inline void store(float* p, F32x16 a, int n = 16) {
  __builtin_memcpy(p, a.v, static_cast<size_t>(n) * sizeof(float));
}
inline void store_f16(uint16_t* p, F32x16 a, int n = 16) {
  for (int i = 0; i < n; ++i) p[i] = f32_to_f16(a.v[i]);
}

inline F32x16 operator+(F32x16 a, F32x16 b) {
  return lanes([&](int i) { return a.v[i] + b.v[i]; });
}
inline F32x16 operator-(F32x16 a, F32x16 b) {
  return lanes([&](int i) { return a.v[i] - b.v[i]; });
}
inline F32x16 operator*(F32x16 a, F32x16 b) {
  return lanes([&](int i) { return a.v[i] * b.v[i]; });
}
inline F32x16 operator/(F32x16 a, F32x16 b) {
  return lanes([&](int i) { return a.v[i] / b.v[i]; });
}
// a * b + c, rounded once.
inline F32x16 fma(F32x16 a, F32x16 b, F32x16 c) {
  return lanes([&](int i) { return fma(a.v[i], b.v[i], c.v[i]); });
}
// a > b ? a : b and a < b ? a : b, so a NaN in either gives b.
inline F32x16 max_of(F32x16 a, F32x16 b) {
  return lanes([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
}
inline F32x16 min_of(F32x16 a, F32x16 b) {
  return lanes([&](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
}
// a < b ? yes : no.
inline F32x16 select_less(F32x16 a, F32x16 b, F32x16 yes, F32x16 no) {
  return lanes([&](int i) { return a.v[i] < b.v[i] ? yes.v[i] : no.v[i]; });
}
inline F32x16 abs(F32x16 a) {
  return lanes([&](int i) { return bits_to_float(float_to_bits(a.v[i]) & 0x7FFFFFFFU); });
}
// |a| with the sign of b.
inline F32x16 copysign(F32x16 a, F32x16 b) {
  return lanes([&](int i) {
    return bits_to_float((float_to_bits(a.v[i]) & 0x7FFFFFFFU) |
                         (float_to_bits(b.v[i]) & 0x80000000U));
  });
}
// The larger of `a` and |b| as bit patterns: a NaN counts as larger than infinity. REQUIRES: a >=
// 0.
inline F32x16 max_magnitude(F32x16 a, F32x16 b) {
  return lanes([&](int i) {
    const uint32_t magnitude = float_to_bits(b.v[i]) & 0x7FFFFFFFU;
    return magnitude > float_to_bits(a.v[i]) ? bits_to_float(magnitude) : a.v[i];
  });
}
// a * 2^n in two exact factors, where n is an integer in -252..254 and shifted = n + kRoundToInt.
constexpr float kRoundToInt = 0x1.8p23F;
inline F32x16 mul_pow2(F32x16 a, F32x16 shifted) {
  return lanes([&](int i) {
    const uint32_t n = float_to_bits(shifted.v[i]) - float_to_bits(kRoundToInt);
    const uint32_t half = static_cast<uint32_t>(static_cast<int32_t>(n) >> 1);
    return a.v[i] * bits_to_float((half + 127) << 23) * bits_to_float((n - half + 127) << 23);
  });
}
// a * 2^n by adding n to the exponent: for results in the normal range.
inline F32x16 add_pow2(F32x16 a, F32x16 shifted) {
  return lanes([&](int i) {
    return bits_to_float(float_to_bits(a.v[i]) + (float_to_bits(shifted.v[i]) << 23));
  });
}

// Lane i with i + 8, then i + 4, i + 2, i + 1.
inline float reduce_add(F32x16 a) {
  for (int half = 8; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) a.v[i] = a.v[i] + a.v[i + half];
  }
  return a.v[0];
}
inline float reduce_max(F32x16 a) {
  for (int half = 8; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) a.v[i] = a.v[i] > a.v[i + half] ? a.v[i] : a.v[i + half];
  }
  return a.v[0];
}
// The largest bit pattern. REQUIRES: a >= 0 or NaN without sign.
inline float reduce_max_magnitude(F32x16 a) {
  uint32_t largest = 0;
  for (float lane : a.v) largest = float_to_bits(lane) > largest ? float_to_bits(lane) : largest;
  return bits_to_float(largest);
}
// Rounds to integers, ties to even, and stores them. REQUIRES: |a| <= 127.4.
inline void store_rounded(int8_t* p, F32x16 a) {
  for (int i = 0; i < 16; ++i) {
    const float rounded = (a.v[i] + kRoundToInt) - kRoundToInt;
    p[i] = static_cast<int8_t>(rounded);
  }
}
// The same to int16; NaN becomes -32768. REQUIRES: |a| <= 32767.4, or NaN.
inline void store_rounded(int16_t* p, F32x16 a) {
  for (int i = 0; i < 16; ++i) {
    const float rounded = (a.v[i] + kRoundToInt) - kRoundToInt;
    p[i] = rounded >= -32768.0F ? static_cast<int16_t>(rounded) : INT16_MIN;
  }
}
// The sum of 16 codes, and of their magnitudes.
inline int32_t sum_codes(const int8_t* p) {
  int32_t sum = 0;
  for (int i = 0; i < 16; ++i) sum += p[i];
  return sum;
}
inline int32_t sum_magnitudes(const int8_t* p) {
  int32_t sum = 0;
  for (int i = 0; i < 16; ++i) sum += p[i] < 0 ? -p[i] : p[i];
  return sum;
}

}  // namespace
}  // namespace samovar::kernels
