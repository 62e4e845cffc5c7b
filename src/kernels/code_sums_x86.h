// Sums of 16 activation codes, as vec_scalar.h defines them, and what is made of codes and sums by
// pairs, in xmm registers: shared by the x86 levels. Include after the level's intrinsics; needs
// SSSE3.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

inline int32_t sum_bytes(__m128i bytes) {  // unsigned
  const __m128i halves = _mm_sad_epu8(bytes, _mm_setzero_si128());
  return _mm_cvtsi128_si32(_mm_add_epi32(halves, _mm_unpackhi_epi64(halves, halves)));
}
inline __m128i load_codes(const int8_t* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
inline int32_t sum_codes(const int8_t* p) {
  return sum_bytes(_mm_xor_si128(load_codes(p), _mm_set1_epi8(-128))) - 16 * 128;
}
inline int32_t sum_magnitudes(const int8_t* p) {
  return sum_bytes(_mm_abs_epi8(load_codes(p)));
}

// out[2 i] = sums[i] * factor and out[2 i + 1] = sums[i + 8] * factor, int16 that must fit.
inline void store_paired_products(const int16_t (&sums)[16], int factor, void* out) {
  const __m128i* in = reinterpret_cast<const __m128i*>(sums);
  const __m128i times = _mm_set1_epi16(static_cast<short>(factor));
  const __m128i first = _mm_mullo_epi16(_mm_loadu_si128(in), times);
  const __m128i second = _mm_mullo_epi16(_mm_loadu_si128(in + 1), times);
  __m128i* pairs = static_cast<__m128i*>(out);
  _mm_storeu_si128(pairs, _mm_unpacklo_epi16(first, second));
  _mm_storeu_si128(pairs + 1, _mm_unpackhi_epi16(first, second));
}

// out[2 i] and out[2 i + 1] = factor * the sums of codes 0, 1 and 2, 3 of each four in group i.
inline void store_even_odd_products(const int8_t (&codes)[256], int factor, void* out) {
  const __m128i times = _mm_set1_epi16(static_cast<short>(factor));
  const __m128i ones = _mm_set1_epi8(1);
  __m128i* pairs = static_cast<__m128i*>(out);
  for (int i = 0; i < 256; i += 64, ++pairs) {
    __m128i sums[4];
    for (int j = 0; j < 4; ++j) sums[j] = _mm_maddubs_epi16(ones, load_codes(codes + i + 16 * j));
    // Sums of two codes by word: a group's four words are added as a tree, words kept in place.
    const __m128i first =
        _mm_add_epi16(_mm_unpacklo_epi32(sums[0], sums[1]), _mm_unpackhi_epi32(sums[0], sums[1]));
    const __m128i second =
        _mm_add_epi16(_mm_unpacklo_epi32(sums[2], sums[3]), _mm_unpackhi_epi32(sums[2], sums[3]));
    const __m128i all =
        _mm_add_epi16(_mm_unpacklo_epi64(first, second), _mm_unpackhi_epi64(first, second));
    _mm_storeu_si128(pairs, _mm_mullo_epi16(all, times));
  }
}

// `ascending` in paired order (CodeOrder).
inline void pair_halves(const int8_t (&ascending)[256], int8_t (&paired)[256]) {
  __m128i* out = reinterpret_cast<__m128i*>(paired);
  for (int i = 0; i < 128; i += 16, out += 2) {
    const __m128i first = load_codes(ascending + i);
    const __m128i second = load_codes(ascending + 128 + i);
    _mm_storeu_si128(out, _mm_unpacklo_epi16(first, second));
    _mm_storeu_si128(out + 1, _mm_unpackhi_epi16(first, second));
  }
}

}  // namespace
}  // namespace samovar::kernels
