// Sums of 16 activation codes, as vec_scalar.h defines them, in one xmm register: shared by the x86
// levels. Include after the level's intrinsics; needs SSSE3.
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

}  // namespace
}  // namespace samovar::kernels
