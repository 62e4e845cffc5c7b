// Dot: products of codes and activations with vpmaddubsw, sums in int16. Needs a rows_<isa>.h.
//
// Two products of a code up to c and an activation up to 127 are added into an int16, so a sum
// holds 32767 / (254 c) steps before it must be widened; no intermediate value ever saturates.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.h"

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

  // How a type of 256 elements adds up: see dot_vnni.inc.h. A centred sum starts from what
  // group_starts() gives.
  template <class Type>
  static constexpr bool centred() {
    return Type::kBias > 0 && max_lines(Type::kMaxCode) < Type::kGroup / 4;
  }
  template <class Type>
  static constexpr int lines() {
    constexpr int kGroupLines = Type::kGroup / 4;
    constexpr int kFit = max_lines(centred<Type>() ? Type::kBias : Type::kMaxCode);
    return kFit < kGroupLines ? kFit : kGroupLines;
  }

  // What a centred sum of each group of 16 elements starts from: minus the bias times the sums of
  // its activations by int16 lane of a row; four times the same.
  static constexpr int kStartBytes = 16;
  static void group_starts(const ActBlock& act, int bias, uint8_t (&out)[16 * kStartBytes]) {
#pragma GCC unroll 4
    for (int at = 0; at < 256; at += 64) {
      I32x16 sums = dot_bytes(set1_byte(1), load_line(act.codes + at));
      sums = add_halves(sums, shuffle_bytes(sums, broadcast_table(kRotate8)));
      sums = add_halves(sums, shuffle_bytes(sums, broadcast_table(kRotate4)));
      store_line(out + at, multiply_halves(sums, set1_half(-bias)));
    }
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
  static void fold(I32x16& total, I32x16 sum) {
    add_pairs(total, sum, set1_half(1));
  }
  // total += the sum of the products of two neighbouring int16.
  static void add_pairs(I32x16& total, I32x16 a, I32x16 b) {
    total = add_words(total, dot_halves(a, b));
  }
  // What fold() takes, from the scale twice as int16.
  template <class Type>
  static I32x16 scale_operand(I32x16 pairs) {
    return pairs;
  }

 private:
  static constexpr uint8_t kRotate8[16] = {8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7};
  static constexpr uint8_t kRotate4[16] = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3};
};

}  // namespace
}  // namespace samovar::kernels
