// Dot: products of unsigned codes and activations with vpdpbusd, sums in int32. Needs
// rows_avx512.h.
//
// Scaling a sum of a K-quant costs one vpdpwssd where the sum fits int16, and three operations
// where it does not. It fits because the magnitudes of 16 activation codes add up to 1023 at most
// (docs/formats/activations.md).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.h"

#include <stdint.h>

namespace samovar::kernels {
namespace {

struct Dot {
  static constexpr bool kSignedCodes = false;  // codes of signed types are stored with 128 added
  static constexpr bool kWideSums = true;      // int32: several may be kept until they are scaled
  static constexpr bool kPaired = false;       // superblocks in ascending order

  // Lines (four elements each) that one sum of a block of 32 can hold.
  static constexpr int max_lines(int /*max_code*/) { return 8; }

  // How a type of 256 elements adds up: lines in a sum before it is scaled, and whether the sum
  // starts at -bias times the activations' sum, which halves the codes' magnitude.
  template <class Type>
  static constexpr bool centred() {
    return blocks_of_16(Type::kMaxCode) == 0 && blocks_of_16(Type::kBias) > 0 && Type::kBias > 0;
  }
  template <class Type>
  static constexpr bool narrow() {
    return blocks_of_16(Type::kMaxCode) > 0 || centred<Type>();
  }
  template <class Type>
  static constexpr int group_lines() {  // lines that share a scale
    return Type::kGroup / 4;
  }
  template <class Type>
  static constexpr int lines() {
    const bool whole_group = Type::kGroup == 16 || !narrow<Type>();
    return whole_group || blocks_of_16(Type::kMaxCode) >= 2 ? group_lines<Type>() : 4;
  }

  // What a centred sum of each group of 16 elements starts from: minus the bias times the sum of
  // its activations, one word for each four lines.
  static void group_starts(const ActBlock& act, int bias, uint8_t* out) {
    store_line(out, multiply_words(widen_halves(act.sums), set1_word(-bias)));
  }

  template <bool kSigned>
  static void step(I32x16& sum, I32x16 codes, I32x16 act) {
    static_assert(!kSigned);
    dpbusd(sum.v, codes.v, act.v);
  }
  // The same with the four activations at `act`.
  template <bool kSigned>
  static void step_at(I32x16& sum, I32x16 codes, const int8_t* act) {
    static_assert(!kSigned);
    dpbusd_word(sum.v, codes.v, act);
  }
  // total += sum * scale.
  template <class Type>
  static void fold(I32x16& total, I32x16 sum, I32x16 scale) {
    if constexpr (narrow<Type>()) {
      add_pairs(total, sum, scale);
    } else {
      total = add_words(total, multiply_words(sum, scale));
    }
  }
  static void fold(I32x16& total, I32x16 sum) { total = add_words(total, sum); }
  // total += the sum of the products of two neighbouring int16.
  static void add_pairs(I32x16& total, I32x16 a, I32x16 b) { dpwssd(total.v, a.v, b.v); }
  // What fold() takes, from the scale twice as int16: it meets the low half of the sum, the high
  // half is nothing but sign.
  template <class Type>
  static I32x16 scale_operand(I32x16 pairs) {
    return narrow<Type>() ? pairs & set1_word(0xFFFF) : shift_right_signed<16>(pairs);
  }

 private:
  // Blocks of 16 elements whose sum fits int16.
  static constexpr int blocks_of_16(int code) { return code == 0 ? 0 : 32767 / (1023 * code); }
};
using RowDot = Dot;

}  // namespace
}  // namespace samovar::kernels
