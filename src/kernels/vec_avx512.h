// F32x16 in one zmm register: AVX-512 F, BW, DQ, VL. Same operations and bits as
// vec_scalar.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/avx512.h"
// The sums of codes, after the intrinsics:
#include "kernels/code_sums_x86.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kMatmulRows = 4;  // weight rows of one tile of the float matrix product
constexpr int kMatmulActs = 4;  // activation rows of that tile: 16 accumulators of 32 registers
constexpr int kKeyLines = 4;    // lines of 16 keys, or values, that six query rows share

struct F32x16 {
  __m512 v;
};
struct I32x16 {
  __m512i v;
};

inline __mmask16 first_lanes(int n) {
  return static_cast<__mmask16>((1U << n) - 1);
}

inline float fma(float a, float b, float c) {
  return __builtin_fmaf(a, b, c);
}
inline F32x16 set1(float value) {
  return {_mm512_set1_ps(value)};
}
inline F32x16 load(const void* p, int n = 16) {
  return {n == 16 ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(first_lanes(n), p)};
}
inline __m256i load_halves(const void* p, int n) {
  return n == 16 ? _mm256_loadu_si256(static_cast<const __m256i*>(p))
                 : _mm256_maskz_loadu_epi16(first_lanes(n), p);
}
inline F32x16 load_f16(const void* p, int n = 16) {
  return {_mm512_cvtph_ps(load_halves(p, n))};
}
inline F32x16 load_bf16(const void* p, int n = 16) {
  const __m512i wide = _mm512_cvtepu16_epi32(load_halves(p, n));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
}
inline void store(float* p, F32x16 a, int n = 16) {
  if (n == 16) {
    _mm512_storeu_ps(p, a.v);
  } else {
    _mm512_mask_storeu_ps(p, first_lanes(n), a.v);
  }
}
inline void store_f16(uint16_t* p, F32x16 a, int n = 16) {
  const __m256i half = _mm512_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  _mm256_mask_storeu_epi16(p, first_lanes(n), half);
}

inline F32x16 operator+(F32x16 a, F32x16 b) {
  return {_mm512_add_ps(a.v, b.v)};
}
inline F32x16 operator-(F32x16 a, F32x16 b) {
  return {_mm512_sub_ps(a.v, b.v)};
}
inline F32x16 operator*(F32x16 a, F32x16 b) {
  return {_mm512_mul_ps(a.v, b.v)};
}
inline F32x16 operator/(F32x16 a, F32x16 b) {
  return {_mm512_div_ps(a.v, b.v)};
}
inline F32x16 fma(F32x16 a, F32x16 b, F32x16 c) {
  return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
// c - a * b, rounded once.
inline F32x16 fnma(F32x16 a, F32x16 b, F32x16 c) {
  return {_mm512_fnmadd_ps(a.v, b.v, c.v)};
}
inline F32x16 max_of(F32x16 a, F32x16 b) {
  return {_mm512_max_ps(a.v, b.v)};
}
inline F32x16 min_of(F32x16 a, F32x16 b) {
  return {_mm512_min_ps(a.v, b.v)};
}
inline F32x16 select_less(F32x16 a, F32x16 b, F32x16 yes, F32x16 no) {
  return {_mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ), no.v, yes.v)};
}
inline F32x16 abs(F32x16 a) {
  return {_mm512_andnot_ps(_mm512_set1_ps(-0.0F), a.v)};
}
inline F32x16 copysign(F32x16 a, F32x16 b) {
  const __m512 sign = _mm512_set1_ps(-0.0F);
  return {_mm512_or_ps(_mm512_andnot_ps(sign, a.v), _mm512_and_ps(sign, b.v))};
}
inline F32x16 max_magnitude(F32x16 a, F32x16 b) {
  return {_mm512_castsi512_ps(
      _mm512_max_epu32(_mm512_castps_si512(a.v), _mm512_castps_si512(abs(b).v)))};
}
constexpr float kRoundToInt = 0x1.8p23F;
inline F32x16 mul_pow2(F32x16 a, F32x16 shifted) {
  const __m512i bias = _mm512_set1_epi32(127);
  const __m512i n = _mm512_sub_epi32(_mm512_castps_si512(shifted.v),
                                     _mm512_castps_si512(_mm512_set1_ps(kRoundToInt)));
  const __m512i half = _mm512_srai_epi32(n, 1);
  const __m512i rest = _mm512_sub_epi32(n, half);
  const __m512 first = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(half, bias), 23));
  const __m512 second = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(rest, bias), 23));
  return {_mm512_mul_ps(_mm512_mul_ps(a.v, first), second)};
}
inline F32x16 add_pow2(F32x16 a, F32x16 shifted) {
  const __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(shifted.v), 23);
  return {_mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a.v), exponent))};
}

inline float reduce_add(F32x16 a) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
inline float reduce_max(F32x16 a) {
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
inline float reduce_max_magnitude(F32x16 a) {
  return __builtin_bit_cast(float, _mm512_reduce_max_epu32(_mm512_castps_si512(a.v)));
}
inline void store_rounded(int8_t* p, F32x16 a) {
  const __m512i rounded = _mm512_cvtps_epi32(a.v);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(rounded));
}
inline void store_rounded(int16_t* p, F32x16 a) {
  const __m512i rounded = _mm512_cvtps_epi32(a.v);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtsepi32_epi16(rounded));
}

}  // namespace
}  // namespace samovar::kernels
