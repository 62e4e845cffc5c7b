// Dot: products of codes and activations with vpmaddubsw, sums in int16. Needs a rows_<isa>.h.
//
// Two products of a code up to c and an activation up to 127 are added into an int16, so a sum
// holds 32767 / (254 c) steps before it must be widened; no intermediate value ever saturates.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdint.h>

namespace samovar::kernels {
namespace {

struct Dot {
  static constexpr bool kSignedCodes = true;
  static constexpr bool kWideSums = false;

  // Steps (four elements each) that one sum can hold.
  static constexpr int max_steps(int max_code) { return 32767 / (2 * 127 * max_code); }
  template <bool kSigned>
  static I32x16 step(I32x16 sum, I32x16 codes, I32x16 act) {
    if constexpr (kSigned) {
      return settled(
          add_halves(sum, dot_bytes(abs_bytes(codes), negate_where_negative(act, codes))));
    } else {
      return settled(add_halves(sum, dot_bytes(codes, act)));
    }
  }
  // total + sum * scale, the two halves of the sum added.
  static I32x16 fold(I32x16 total, I32x16 sum, I32x16 scale) {
    return add_words(total, dot_halves(sum, scale));
  }
  static I32x16 fold(I32x16 total, I32x16 sum) { return fold(total, sum, set1_half(1)); }
  // total + the sum of the products of two neighbouring int16.
  static I32x16 add_pairs(I32x16 total, I32x16 a, I32x16 b) {
    return add_words(total, dot_halves(a, b));
  }
  // What fold() takes, from the scale twice as int16.
  static I32x16 scale_operand(I32x16 pairs) { return pairs; }
};

}  // namespace
}  // namespace samovar::kernels
