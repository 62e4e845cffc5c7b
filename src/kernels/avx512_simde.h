// The avx512 and vnni levels without AVX-512 (SAMOVAR_SIMDE): SIMDe under the names of Intel's
// intrinsics, twins of those that Debian's SIMDe 0.7.4 lacks, and of the asm of avx512.h.
//
// The twins hide the functions of <immintrin.h>, which SIMDe includes, because they stand in our
// namespace. For tests alone: written to be plainly right, not fast.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SIMDE_ENABLE_NATIVE_ALIASES
#define SIMDE_NO_INLINE  // a unit takes seven times longer to compile otherwise
#include <simde/x86/avx512.h>

#undef _mm512_madd_epi16  // SIMDe's alias takes four arguments

namespace samovar::kernels {
namespace {

using __mmask16 = uint16_t;

// Sixteen lanes as the compiler's own vectors.
using I8Lanes [[gnu::vector_size(16)]] = int8_t;
using I16Lanes [[gnu::vector_size(32)]] = int16_t;
using U16Lanes [[gnu::vector_size(32)]] = uint16_t;
using I32Lanes [[gnu::vector_size(64)]] = int32_t;
using U32Lanes [[gnu::vector_size(64)]] = uint32_t;
using F32Lanes [[gnu::vector_size(64)]] = float;

template <class To, class From>
inline To cast(From value) {
  return __builtin_bit_cast(To, value);
}
struct FloatHalves {
  __m256 low, high;
};
struct IntHalves {
  __m256i low, high;
};

// Lanes whose bit of the mask is not set: zero, and not read.
template <class Lanes>
inline Lanes masked_load(uint32_t mask, const void* p) {
  Lanes lanes = {};
  for (int i = 0; i < 16; ++i) {
    auto lane = lanes[i];
    if ((mask >> i & 1) == 0) continue;
    __builtin_memcpy(&lane, static_cast<const char*>(p) + i * sizeof lane, sizeof lane);
    lanes[i] = lane;
  }
  return lanes;
}
template <class Lanes>
inline void masked_store(void* p, uint32_t mask, Lanes lanes) {
  for (int i = 0; i < 16; ++i) {
    const auto lane = lanes[i];
    if ((mask >> i & 1) == 0) continue;
    __builtin_memcpy(static_cast<char*>(p) + i * sizeof lane, &lane, sizeof lane);
  }
}
inline __m256i _mm256_maskz_loadu_epi16(__mmask16 mask, const void* p) {
  return cast<__m256i>(masked_load<I16Lanes>(mask, p));
}
inline void _mm256_mask_storeu_epi16(void* p, __mmask16 mask, __m256i a) {
  masked_store(p, mask, cast<I16Lanes>(a));
}
inline __m512 _mm512_maskz_loadu_ps(__mmask16 mask, const void* p) {
  return cast<__m512>(masked_load<F32Lanes>(mask, p));
}
inline void _mm512_mask_storeu_ps(void* p, __mmask16 mask, __m512 a) {
  masked_store(p, mask, cast<F32Lanes>(a));
}

inline __m128i _mm512_cvtepi32_epi8(__m512i a) {
  return cast<__m128i>(__builtin_convertvector(cast<I32Lanes>(a), I8Lanes));
}
inline __m256i _mm512_cvtepi32_epi16(__m512i a) {
  return cast<__m256i>(__builtin_convertvector(cast<I32Lanes>(a), I16Lanes));
}
inline __m256i _mm512_cvtsepi32_epi16(__m512i a) {
  const auto half = cast<IntHalves>(a);
  return _mm256_permute4x64_epi64(_mm256_packs_epi32(half.low, half.high), 0xD8);
}
inline __m512i _mm512_cvtepu16_epi32(__m256i a) {
  return cast<__m512i>(__builtin_convertvector(cast<U16Lanes>(a), U32Lanes));
}
inline __m512i _mm512_cvtepi16_epi32(__m256i a) {
  return cast<__m512i>(__builtin_convertvector(cast<I16Lanes>(a), I32Lanes));
}
inline __m512 _mm512_cvtepi32_ps(__m512i a) {
  return cast<__m512>(__builtin_convertvector(cast<I32Lanes>(a), F32Lanes));
}
inline __m512i _mm512_cvtps_epi32(__m512 a) {
  const auto half = cast<FloatHalves>(a);
  return cast<__m512i>(IntHalves{_mm256_cvtps_epi32(half.low), _mm256_cvtps_epi32(half.high)});
}
inline __m512 _mm512_cvtph_ps(__m256i a) {
  const __m128i high = _mm256_extracti128_si256(a, 1);
  return cast<__m512>(
      FloatHalves{_mm256_cvtph_ps(_mm256_castsi256_si128(a)), _mm256_cvtph_ps(high)});
}
inline __m256i _mm512_cvtps_ph(__m512 a, int /*rounding: to nearest*/) {
  const auto half = cast<FloatHalves>(a);
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT;
  return _mm256_setr_m128i(_mm256_cvtps_ph(half.low, kNearest),
                           _mm256_cvtps_ph(half.high, kNearest));
}

inline __m256 _mm512_extractf32x8_ps(__m512 a, int half) {
  const auto halves = cast<FloatHalves>(a);
  return half == 0 ? halves.low : halves.high;
}
inline __m512i _mm512_srai_epi32(__m512i a, int bits) {
  return cast<__m512i>(cast<I32Lanes>(a) >> bits);
}
inline __m512i _mm512_madd_epi16(__m512i a, __m512i b) {
  return simde_mm512_madd_epi16(a, b);
}
inline uint32_t _mm512_reduce_max_epu32(__m512i a) {
  const auto lanes = cast<U32Lanes>(a);
  uint32_t largest = 0;
  for (int i = 0; i < 16; ++i) largest = lanes[i] > largest ? lanes[i] : largest;
  return largest;
}

// The asm of avx512.h.
inline void dpbusd(__m512i& sum, __m512i u, __m512i s) {
  sum = _mm512_dpbusd_epi32(sum, u, s);
}
inline void dpbusd_word(__m512i& sum, __m512i u, const signed char* s) {
  int32_t word;
  __builtin_memcpy(&word, s, sizeof word);
  dpbusd(sum, u, _mm512_set1_epi32(word));
}
inline void dpwssd(__m512i& sum, __m512i a, __m512i b) {
  sum = _mm512_dpwssd_epi32(sum, a, b);
}
inline void settle(__m512i& /*value*/) {}  // the emulation keeps no value in a register anyway

}  // namespace
}  // namespace samovar::kernels
