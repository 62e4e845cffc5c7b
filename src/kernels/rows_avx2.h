// I32x16: sixteen weight rows of four bytes, two int16 or one int32, in two ymm registers: AVX2.
// What the panels of the quantized matrix products are made of. Needs vec_avx2.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/vec_avx2.h"

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kTilePanels = 1;  // panels of 16 rows in one tile of the quantized product
constexpr int kTileActs = 6;    // activation rows of that tile: 12 sums in registers

inline I32x16 zero_lines() {
  return {_mm256_setzero_si256(), _mm256_setzero_si256()};
}
inline I32x16 set1_byte(int value) {
  const __m256i v = _mm256_set1_epi8(static_cast<char>(value));
  return {v, v};
}
inline I32x16 set1_half(int value) {
  const __m256i v = _mm256_set1_epi16(static_cast<short>(value));
  return {v, v};
}
inline I32x16 set1_word(int32_t value) {
  const __m256i v = _mm256_set1_epi32(value);
  return {v, v};
}
// REQUIRES: 64-byte aligned.
inline I32x16 load_line(const void* p) {
  const __m256i* line = static_cast<const __m256i*>(p);
  return {_mm256_load_si256(line), _mm256_load_si256(line + 1)};
}
inline void store_line(void* p, I32x16 a) {
  __m256i* line = static_cast<__m256i*>(p);
  _mm256_store_si256(line, a.low);
  _mm256_store_si256(line + 1, a.high);
}
// Four bytes at any alignment, to all rows.
inline I32x16 broadcast_word(const void* p) {
  int32_t word;
  __builtin_memcpy(&word, p, sizeof word);
  return set1_word(word);
}
inline __m128i load_128(const uint8_t* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
// 32 signed bytes to as many int16. REQUIRES: 32-byte aligned.
inline I32x16 load_bytes_line(const void* p) {
  const __m128i* half = static_cast<const __m128i*>(p);
  return {_mm256_cvtepi8_epi16(_mm_load_si128(half)),
          _mm256_cvtepi8_epi16(_mm_load_si128(half + 1))};
}
// The same sixteen bytes in each four rows: a table for shuffle_bytes.
inline I32x16 broadcast_table(const void* p) {
  const __m256i v = _mm256_broadcastsi128_si256(load_128(static_cast<const uint8_t*>(p)));
  return {v, v};
}
// Sixteen bytes of each of four rows.
inline I32x16 load_quarter(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d) {
  return {_mm256_inserti128_si256(_mm256_castsi128_si256(load_128(a)), load_128(b), 1),
          _mm256_inserti128_si256(_mm256_castsi128_si256(load_128(c)), load_128(d), 1)};
}

inline I32x16 operator&(I32x16 a, I32x16 b) {
  return {_mm256_and_si256(a.low, b.low), _mm256_and_si256(a.high, b.high)};
}
inline I32x16 operator|(I32x16 a, I32x16 b) {
  return {_mm256_or_si256(a.low, b.low), _mm256_or_si256(a.high, b.high)};
}
inline I32x16 operator^(I32x16 a, I32x16 b) {
  return {_mm256_xor_si256(a.low, b.low), _mm256_xor_si256(a.high, b.high)};
}
template <int kBits>
inline I32x16 shift_right(I32x16 a) {  // 32-bit lanes, zeros in
  return {_mm256_srli_epi32(a.low, kBits), _mm256_srli_epi32(a.high, kBits)};
}
template <int kBits>
inline I32x16 shift_left(I32x16 a) {
  return {_mm256_slli_epi32(a.low, kBits), _mm256_slli_epi32(a.high, kBits)};
}
template <int kBits>
inline I32x16 shift_right_signed(I32x16 a) {
  return {_mm256_srai_epi32(a.low, kBits), _mm256_srai_epi32(a.high, kBits)};
}
template <int kBits>
inline I32x16 shift_right_halves_signed(I32x16 a) {
  return {_mm256_srai_epi16(a.low, kBits), _mm256_srai_epi16(a.high, kBits)};
}
inline I32x16 shuffle_bytes(I32x16 a, I32x16 table) {  // within each 16 bytes
  return {_mm256_shuffle_epi8(a.low, table.low), _mm256_shuffle_epi8(a.high, table.high)};
}
inline I32x16 unpack_low_halves(I32x16 a, I32x16 b) {
  return {_mm256_unpacklo_epi16(a.low, b.low), _mm256_unpacklo_epi16(a.high, b.high)};
}
inline I32x16 unpack_high_halves(I32x16 a, I32x16 b) {
  return {_mm256_unpackhi_epi16(a.low, b.low), _mm256_unpackhi_epi16(a.high, b.high)};
}
inline I32x16 unpack_low_words(I32x16 a, I32x16 b) {
  return {_mm256_unpacklo_epi32(a.low, b.low), _mm256_unpacklo_epi32(a.high, b.high)};
}
inline I32x16 unpack_high_words(I32x16 a, I32x16 b) {
  return {_mm256_unpackhi_epi32(a.low, b.low), _mm256_unpackhi_epi32(a.high, b.high)};
}
inline I32x16 unpack_low_pairs(I32x16 a, I32x16 b) {
  return {_mm256_unpacklo_epi64(a.low, b.low), _mm256_unpacklo_epi64(a.high, b.high)};
}
inline I32x16 unpack_high_pairs(I32x16 a, I32x16 b) {
  return {_mm256_unpackhi_epi64(a.low, b.low), _mm256_unpackhi_epi64(a.high, b.high)};
}
inline I32x16 subtract_bytes(I32x16 a, I32x16 b) {
  return {_mm256_sub_epi8(a.low, b.low), _mm256_sub_epi8(a.high, b.high)};
}
inline I32x16 add_halves(I32x16 a, I32x16 b) {
  return {_mm256_add_epi16(a.low, b.low), _mm256_add_epi16(a.high, b.high)};
}
inline I32x16 add_words(I32x16 a, I32x16 b) {
  return {_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)};
}
inline I32x16 multiply_halves(I32x16 a, I32x16 b) {
  return {_mm256_mullo_epi16(a.low, b.low), _mm256_mullo_epi16(a.high, b.high)};
}
// Sums of two neighbouring products: int16 x int16 to int32, u8 x s8 to int16 (saturating).
inline I32x16 dot_halves(I32x16 a, I32x16 b) {
  return {_mm256_madd_epi16(a.low, b.low), _mm256_madd_epi16(a.high, b.high)};
}
inline I32x16 dot_bytes(I32x16 u, I32x16 s) {
  return {_mm256_maddubs_epi16(u.low, s.low), _mm256_maddubs_epi16(u.high, s.high)};
}
inline I32x16 abs_bytes(I32x16 a) {
  return {_mm256_abs_epi8(a.low), _mm256_abs_epi8(a.high)};
}
// `a` with its bytes negated where those of `sign` are negative, or zero where those are zero: the
// product with |sign| is the same. REQUIRES: no byte of a is -128.
inline I32x16 negate_where_negative(I32x16 a, I32x16 sign) {
  return {_mm256_sign_epi8(a.low, sign.low), _mm256_sign_epi8(a.high, sign.high)};
}
// a + b in the bytes whose bit of `test` is set in `bits`. REQUIRES: test has one bit in each byte.
inline I32x16 add_where(I32x16 a, I32x16 bits, I32x16 test, I32x16 b) {
  const auto chosen = [](__m256i half_bits, __m256i half_test, __m256i value) {
    const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(half_bits, half_test), half_test);
    return _mm256_and_si256(set, value);
  };
  return {_mm256_add_epi8(a.low, chosen(bits.low, test.low, b.low)),
          _mm256_add_epi8(a.high, chosen(bits.high, test.high, b.high))};
}
// Makes the value here and now: GCC 12 otherwise delays a chain of sums and spills all its
// products.
inline I32x16 settled(I32x16 a) {
  asm("" : "+x"(a.low), "+x"(a.high));
  return a;
}
inline F32x16 to_float(I32x16 a) {
  return {_mm256_cvtepi32_ps(a.low), _mm256_cvtepi32_ps(a.high)};
}
inline __m256 low_half_to_float(__m256i a) {
  const __m256i halves = _mm256_and_si256(a, _mm256_set1_epi32(0xFFFF));
  const __m256i packed = _mm256_packus_epi32(halves, halves);
  return _mm256_cvtph_ps(_mm256_castsi256_si128(_mm256_permute4x64_epi64(packed, 0x08)));
}
// The low 16 bits of each row as f16.
inline F32x16 low_half_to_float(I32x16 a) {
  return {low_half_to_float(a.low), low_half_to_float(a.high)};
}
inline void prefetch(uintptr_t address) {
  _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T0);
}
inline void prefetch_far(uintptr_t address) {  // into L2
  _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T1);
}

}  // namespace
}  // namespace samovar::kernels
