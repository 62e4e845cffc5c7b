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

  // Lines (four elements each) that one sum of a block of 32 can hold.
  static constexpr int max_lines(int max_code) {
    const int fit = 32767 / (2 * 127 * max_code);
    return fit >= 8 ? 8 : fit >= 4 ? 4 : fit >= 2 ? 2 : 1;
  }

  // How a type of 256 elements adds up: see dot_vnni.inc.h.
  template <class Type>
  static constexpr bool centred() {
    return false;
  }
  template <class Type>
  static constexpr int lines() {
    constexpr int kGroupLines = Type::kGroup / 4;
    constexpr int kFit = max_lines(Type::kMaxCode);
    return kFit < kGroupLines ? kFit : kGroupLines;
  }

  template <bool kSigned>
  static void step(I32x16& sum, I32x16 codes, I32x16 act) {
    if constexpr (kSigned) {
      sum =
          settled(add_halves(sum, dot_bytes(abs_bytes(codes), negate_where_negative(act, codes))));
    } else {
      sum = settled(add_halves(sum, dot_bytes(codes, act)));
    }
  }
  // The same with the four activations at `act`.
  template <bool kSigned>
  static void step_at(I32x16& sum, I32x16 codes, const int8_t* act) {
    step<kSigned>(sum, codes, broadcast_word(act));
  }
  // total += sum * scale, the two halves of the sum added.
  template <class Type>
  static void fold(I32x16& total, I32x16 sum, I32x16 scale) {
    add_pairs(total, sum, scale);
  }
  static void fold(I32x16& total, I32x16 sum) { add_pairs(total, sum, set1_half(1)); }
  // total += the sum of the products of two neighbouring int16.
  static void add_pairs(I32x16& total, I32x16 a, I32x16 b) {
    total = add_words(total, dot_halves(a, b));
  }
  // What fold() takes, from the scale twice as int16.
  template <class Type>
  static I32x16 scale_operand(I32x16 pairs) {
    return pairs;
  }
};

}  // namespace
}  // namespace samovar::kernels
