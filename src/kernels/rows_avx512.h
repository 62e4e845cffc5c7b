// I32x16: sixteen weight rows of four bytes, two int16 or one int32, in one zmm register: AVX-512
// F, BW, DQ, VL. What the panels of the quantized matrix products are made of. Needs vec_avx512.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/vec_avx512.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kTilePanels = 2;  // panels of 16 rows in one tile of the quantized product
constexpr int kTileActs = 6;    // activation rows of that tile: 12 sums and 12 totals

inline I32x16 zero_lines() {
  return {_mm512_setzero_si512()};
}
inline I32x16 set1_byte(int value) {
  return {_mm512_set1_epi8(static_cast<char>(value))};
}
inline I32x16 set1_half(int value) {
  return {_mm512_set1_epi16(static_cast<short>(value))};
}
inline I32x16 set1_word(int32_t value) {
  return {_mm512_set1_epi32(value)};
}
// REQUIRES: 64-byte aligned.
inline I32x16 load_line(const void* p) {
  return {_mm512_load_si512(p)};
}
inline void store_line(void* p, I32x16 a) {
  _mm512_store_si512(p, a.v);
}
// Four bytes at any alignment, to all rows.
inline I32x16 broadcast_word(const void* p) {
  int32_t word;
  __builtin_memcpy(&word, p, sizeof word);
  return {_mm512_set1_epi32(word)};
}
inline __m128i load_128(const uint8_t* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
// 32 signed bytes to as many int16. REQUIRES: 32-byte aligned.
inline I32x16 load_bytes_line(const void* p) {
  return {_mm512_cvtepi8_epi16(_mm256_load_si256(static_cast<const __m256i*>(p)))};
}
// The same sixteen bytes in each four rows: a table for shuffle_bytes.
inline I32x16 broadcast_table(const void* p) {
  return {_mm512_broadcast_i32x4(load_128(static_cast<const uint8_t*>(p)))};
}
// Sixteen bytes of each of four rows.
inline I32x16 load_quarter(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d) {
  __m512i v = _mm512_castsi128_si512(load_128(a));
  v = _mm512_inserti32x4(v, load_128(b), 1);
  v = _mm512_inserti32x4(v, load_128(c), 2);
  return {_mm512_inserti32x4(v, load_128(d), 3)};
}

// Sixteen int16 to words. REQUIRES: 32-byte aligned.
inline I32x16 widen_halves(const int16_t* p) {
  return {_mm512_cvtepi16_epi32(_mm256_load_si256(reinterpret_cast<const __m256i*>(p)))};
}

inline I32x16 operator&(I32x16 a, I32x16 b) {
  return {_mm512_and_si512(a.v, b.v)};
}
inline I32x16 operator|(I32x16 a, I32x16 b) {
  return {_mm512_or_si512(a.v, b.v)};
}
inline I32x16 operator^(I32x16 a, I32x16 b) {
  return {_mm512_xor_si512(a.v, b.v)};
}
template <int kBits>
inline I32x16 shift_right(I32x16 a) {  // 32-bit lanes, zeros in
  return {_mm512_srli_epi32(a.v, kBits)};
}
template <int kBits>
inline I32x16 shift_left(I32x16 a) {
  return {_mm512_slli_epi32(a.v, kBits)};
}
template <int kBits>
inline I32x16 shift_right_signed(I32x16 a) {
  return {_mm512_srai_epi32(a.v, kBits)};
}
template <int kBits>
inline I32x16 shift_right_halves_signed(I32x16 a) {
  return {_mm512_srai_epi16(a.v, kBits)};
}
inline I32x16 shuffle_bytes(I32x16 a, I32x16 table) {  // within each 16 bytes
  return {_mm512_shuffle_epi8(a.v, table.v)};
}
inline I32x16 unpack_low_halves(I32x16 a, I32x16 b) {
  return {_mm512_unpacklo_epi16(a.v, b.v)};
}
inline I32x16 unpack_high_halves(I32x16 a, I32x16 b) {
  return {_mm512_unpackhi_epi16(a.v, b.v)};
}
inline I32x16 unpack_low_words(I32x16 a, I32x16 b) {
  return {_mm512_unpacklo_epi32(a.v, b.v)};
}
inline I32x16 unpack_high_words(I32x16 a, I32x16 b) {
  return {_mm512_unpackhi_epi32(a.v, b.v)};
}
inline I32x16 unpack_low_pairs(I32x16 a, I32x16 b) {
  return {_mm512_unpacklo_epi64(a.v, b.v)};
}
inline I32x16 unpack_high_pairs(I32x16 a, I32x16 b) {
  return {_mm512_unpackhi_epi64(a.v, b.v)};
}
inline I32x16 subtract_bytes(I32x16 a, I32x16 b) {
  return {_mm512_sub_epi8(a.v, b.v)};
}
inline I32x16 add_halves(I32x16 a, I32x16 b) {
  return {_mm512_add_epi16(a.v, b.v)};
}
inline I32x16 add_words(I32x16 a, I32x16 b) {
  return {_mm512_add_epi32(a.v, b.v)};
}
inline I32x16 multiply_halves(I32x16 a, I32x16 b) {
  return {_mm512_mullo_epi16(a.v, b.v)};
}
inline I32x16 multiply_words(I32x16 a, I32x16 b) {
  return {_mm512_mullo_epi32(a.v, b.v)};
}
// Sums of two neighbouring products: int16 x int16 to int32, u8 x s8 to int16 (saturating).
inline I32x16 dot_halves(I32x16 a, I32x16 b) {
  return {_mm512_madd_epi16(a.v, b.v)};
}
inline I32x16 dot_bytes(I32x16 u, I32x16 s) {
  return {_mm512_maddubs_epi16(u.v, s.v)};
}
inline I32x16 abs_bytes(I32x16 a) {
  return {_mm512_abs_epi8(a.v)};
}
// `a` with its bytes negated where those of `sign` are negative. REQUIRES: no byte of a is -128.
inline I32x16 negate_where_negative(I32x16 a, I32x16 sign) {
  return {_mm512_mask_sub_epi8(a.v, _mm512_movepi8_mask(sign.v), _mm512_setzero_si512(), a.v)};
}
// a + b in the bytes whose bit of `test` is set in `bits`. REQUIRES: test has one bit in each byte.
inline I32x16 add_where(I32x16 a, I32x16 bits, I32x16 test, I32x16 b) {
  return {_mm512_mask_add_epi8(a.v, _mm512_test_epi8_mask(bits.v, test.v), a.v, b.v)};
}
inline I32x16 settled(I32x16 a) {
  settle(a.v);
  return a;
}
inline F32x16 to_float(I32x16 a) {
  return {_mm512_cvtepi32_ps(a.v)};
}
// The low 16 bits of each row as f16.
inline F32x16 low_half_to_float(I32x16 a) {
  return {_mm512_cvtph_ps(_mm512_cvtepi32_epi16(a.v))};
}
inline void prefetch(uintptr_t address) {
  _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T0);
}
inline void prefetch_far(uintptr_t address) {  // into L2
  _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T1);
}

}  // namespace
}  // namespace samovar::kernels
