// Dot: products of unsigned codes and activations with vpdpbusd, sums in int32. Needs
// rows_avx512.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdint.h>

namespace samovar::kernels {
namespace {

struct Dot {
  static constexpr bool kSignedCodes = false;  // codes of signed types are stored with 128 added
  static constexpr bool kWideSums = true;      // int32: never need a fold

  // Steps (four elements each) that one sum can hold.
  static constexpr int max_steps(int /*max_code*/) { return 64; }
  template <bool kSigned>
  static I32x16 step(I32x16 sum, I32x16 codes, I32x16 act) {
    static_assert(!kSigned);
    return {_mm512_dpbusd_epi32(sum.v, codes.v, act.v)};
  }
  // total + sum * scale.
  static I32x16 fold(I32x16 total, I32x16 sum, I32x16 scale) {
    return add_words(total, multiply_words(sum, scale));
  }
  static I32x16 fold(I32x16 total, I32x16 sum) { return add_words(total, sum); }
  // total + the sum of the products of two neighbouring int16.
  static I32x16 add_pairs(I32x16 total, I32x16 a, I32x16 b) {
    return {_mm512_dpwssd_epi32(total.v, a.v, b.v)};
  }
  // What fold() takes, from the scale twice as int16.
  static I32x16 scale_operand(I32x16 pairs) { return shift_right_signed<16>(pairs); }
};

}  // namespace
}  // namespace samovar::kernels
