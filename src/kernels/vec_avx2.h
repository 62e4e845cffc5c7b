// F32x16 in two ymm registers: AVX2, FMA, F16C. Same operations and bits as
// vec_scalar.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/code_sums_x86.h"

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kMatmulRows = 4;  // weight rows of one tile of the float matrix product
constexpr int kMatmulActs = 1;  // activation rows of that tile: 8 accumulators of 16 registers
constexpr int kKeyLines = 1;    // lines of 16 keys, or values, that six query rows share

struct F32x16 {
  __m256 low;   // lanes 0..7
  __m256 high;  // lanes 8..15
};
struct I32x16 {
  __m256i low;
  __m256i high;
};

// All bits set in the lanes below n.
inline I32x16 first_lanes(int n) {
  const __m256i count = _mm256_set1_epi32(n);
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return {_mm256_cmpgt_epi32(count, lane),
          _mm256_cmpgt_epi32(count, _mm256_add_epi32(lane, _mm256_set1_epi32(8)))};
}

inline float fma(float a, float b, float c) {
  return __builtin_fmaf(a, b, c);
}
inline F32x16 set1(float value) {
  return {_mm256_set1_ps(value), _mm256_set1_ps(value)};
}
inline F32x16 load(const void* p, int n = 16) {
  const float* f = static_cast<const float*>(p);
  if (n == 16) return {_mm256_loadu_ps(f), _mm256_loadu_ps(f + 8)};
  const I32x16 mask = first_lanes(n);
  return {_mm256_maskload_ps(f, mask.low), _mm256_maskload_ps(f + 8, mask.high)};
}
struct Halves16 {
  __m128i low;
  __m128i high;
};
inline Halves16 load_halves(const void* p, int n) {
  uint16_t half[16] = {};
  if (n != 16) {
    __builtin_memcpy(half, p, static_cast<size_t>(n) * sizeof(uint16_t));
    p = half;
  }
  const __m128i* halves = static_cast<const __m128i*>(p);
  return {_mm_loadu_si128(halves), _mm_loadu_si128(halves + 1)};
}
inline F32x16 load_f16(const void* p, int n = 16) {
  const Halves16 half = load_halves(p, n);
  return {_mm256_cvtph_ps(half.low), _mm256_cvtph_ps(half.high)};
}
inline F32x16 load_bf16(const void* p, int n = 16) {
  const Halves16 half = load_halves(p, n);
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half.low), 16)),
          _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half.high), 16))};
}
inline void store(float* p, F32x16 a, int n = 16) {
  if (n == 16) {
    _mm256_storeu_ps(p, a.low);
    _mm256_storeu_ps(p + 8, a.high);
    return;
  }
  const I32x16 mask = first_lanes(n);
  _mm256_maskstore_ps(p, mask.low, a.low);
  _mm256_maskstore_ps(p + 8, mask.high, a.high);
}
inline void store_f16(uint16_t* p, F32x16 a, int n = 16) {
  alignas(16) uint16_t half[16];
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  _mm_store_si128(reinterpret_cast<__m128i*>(half), _mm256_cvtps_ph(a.low, kNearest));
  _mm_store_si128(reinterpret_cast<__m128i*>(half + 8), _mm256_cvtps_ph(a.high, kNearest));
  __builtin_memcpy(p, half, static_cast<size_t>(n) * sizeof(uint16_t));
}

inline F32x16 operator+(F32x16 a, F32x16 b) {
  return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}
inline F32x16 operator-(F32x16 a, F32x16 b) {
  return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}
inline F32x16 operator*(F32x16 a, F32x16 b) {
  return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}
inline F32x16 operator/(F32x16 a, F32x16 b) {
  return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)};
}
inline F32x16 fma(F32x16 a, F32x16 b, F32x16 c) {
  return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
// c - a * b, rounded once.
inline F32x16 fnma(F32x16 a, F32x16 b, F32x16 c) {
  return {_mm256_fnmadd_ps(a.low, b.low, c.low), _mm256_fnmadd_ps(a.high, b.high, c.high)};
}
inline F32x16 max_of(F32x16 a, F32x16 b) {
  return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}
inline F32x16 min_of(F32x16 a, F32x16 b) {
  return {_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)};
}
inline F32x16 select_less(F32x16 a, F32x16 b, F32x16 yes, F32x16 no) {
  return {_mm256_blendv_ps(no.low, yes.low, _mm256_cmp_ps(a.low, b.low, _CMP_LT_OQ)),
          _mm256_blendv_ps(no.high, yes.high, _mm256_cmp_ps(a.high, b.high, _CMP_LT_OQ))};
}
inline F32x16 abs(F32x16 a) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  return {_mm256_andnot_ps(sign, a.low), _mm256_andnot_ps(sign, a.high)};
}
inline F32x16 copysign(F32x16 a, F32x16 b) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  const F32x16 magnitude = abs(a);
  return {_mm256_or_ps(magnitude.low, _mm256_and_ps(sign, b.low)),
          _mm256_or_ps(magnitude.high, _mm256_and_ps(sign, b.high))};
}
inline __m256 max_bits(__m256 a, __m256 b) {
  return _mm256_castsi256_ps(_mm256_max_epu32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}
inline F32x16 max_magnitude(F32x16 a, F32x16 b) {
  const F32x16 magnitude = abs(b);
  return {max_bits(a.low, magnitude.low), max_bits(a.high, magnitude.high)};
}
constexpr float kRoundToInt = 0x1.8p23F;
inline __m256 mul_pow2(__m256 a, __m256 shifted) {
  const __m256i bias = _mm256_set1_epi32(127);
  const __m256i n = _mm256_sub_epi32(_mm256_castps_si256(shifted),
                                     _mm256_castps_si256(_mm256_set1_ps(kRoundToInt)));
  const __m256i half = _mm256_srai_epi32(n, 1);
  const __m256i rest = _mm256_sub_epi32(n, half);
  const __m256 first = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(half, bias), 23));
  const __m256 second = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23));
  return _mm256_mul_ps(_mm256_mul_ps(a, first), second);
}
inline F32x16 mul_pow2(F32x16 a, F32x16 shifted) {
  return {mul_pow2(a.low, shifted.low), mul_pow2(a.high, shifted.high)};
}
inline __m256 add_pow2(__m256 a, __m256 shifted) {
  const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), exponent));
}
inline F32x16 add_pow2(F32x16 a, F32x16 shifted) {
  return {add_pow2(a.low, shifted.low), add_pow2(a.high, shifted.high)};
}

inline float reduce_add(F32x16 a) {
  const __m256 eight = _mm256_add_ps(a.low, a.high);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
inline float reduce_max(F32x16 a) {
  const __m256 eight = _mm256_max_ps(a.low, a.high);
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
inline float reduce_max_magnitude(F32x16 a) {
  const __m256i eight = _mm256_castps_si256(max_bits(a.low, a.high));
  __m128i four = _mm_max_epu32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  four = _mm_max_epu32(four, _mm_shuffle_epi32(four, 0x4E));
  four = _mm_max_epu32(four, _mm_shuffle_epi32(four, 0xB1));
  return _mm_cvtss_f32(_mm_castsi128_ps(four));
}
inline __m256i rounded_halves(F32x16 a) {
  const __m256i low = _mm256_cvtps_epi32(a.low);
  const __m256i high = _mm256_cvtps_epi32(a.high);
  // The pack works within 128 bits: 0..3, 8..11, 4..7, 12..15; the permutation restores order.
  return _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
}
inline void store_rounded(int16_t* p, F32x16 a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), rounded_halves(a));
}
inline void store_rounded(int8_t* p, F32x16 a) {
  const __m256i halves = rounded_halves(a);
  const __m128i bytes =
      _mm_packs_epi16(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), bytes);
}

}  // namespace
}  // namespace samovar::kernels
