// Dot: products of codes and activations with vpmaddubsw, sums in int16. Needs a rows_<isa>.h.
//
// Two products of a code up to c and an activation up to 127 are added into an int16, so a sum
// holds 32767 / (254 c) steps before it must be widened; no product ever saturates.
//
// Tiles read superblocks in paired order (CodeOrder): the two int16 of a row add up a group of the
// first half and one of the second, so one vpmaddwd scales both. The magnitudes of 16 activation
// codes add up to 1023 at most (docs/formats/activations.md), so such a sum fits 16 products of
// codes up to 32, or 32 of codes up to 16. A single activation row waits for memory, not for sums:
// ascending order spares its unpacker the pairing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.h"

#include <stdint.h>

namespace samovar::kernels {
namespace {

template <bool kPairedOrder>
struct Maddubs {
  static constexpr bool kSignedCodes = true;
  static constexpr bool kWideSums = false;
  static constexpr bool kPaired = kPairedOrder;

  // Lines (four elements each) that one sum of a block of 32 can hold.
  static constexpr int max_lines(int max_code) {
    const int fit = 32767 / (2 * 127 * max_code);
    return fit >= 8 ? 8 : fit >= 4 ? 4 : fit >= 2 ? 2 : 1;
  }

  // How a type of 256 elements adds up: see dot_vnni.inc.h.
  template <class Type>
  static constexpr bool centred() {
    return Type::kBias > 0 && (kPaired || max_lines(Type::kMaxCode) < Type::kGroup / 4);
  }
  template <class Type>
  static constexpr int group_lines() {  // that share a scale, or a pair of scales
    return kPaired ? Type::kGroup / 2 : Type::kGroup / 4;
  }
  template <class Type>
  static constexpr int lines() {
    constexpr int kCode = centred<Type>() ? Type::kBias : Type::kMaxCode;
    constexpr int kInPairs = kPaired ? 32767 / (1023 * kCode) * 8 : 0;
    constexpr int kFit = kInPairs > 0 ? kInPairs : max_lines(kCode);
    return kFit < group_lines<Type>() ? kFit : group_lines<Type>();
  }

  // What centred sums start from, one word for each group or pair of groups: minus the bias times
  // the sums of the activations that meet each int16 of a row.
  static void group_starts(const ActBlock& act, int bias, uint8_t* out) {
    if constexpr (kPaired) {
      store_paired_products(act.sums, -bias, out);
    } else {
      store_even_odd_products(act.codes, -bias, out);
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
  static void fold(I32x16& total, I32x16 sum) { add_pairs(total, sum, set1_half(1)); }
  // total += the sum of the products of two neighbouring int16.
  static void add_pairs(I32x16& total, I32x16 a, I32x16 b) {
    total = add_words(total, dot_halves(a, b));
  }
  // What fold() takes, from the scale twice, or those of a pair of groups, as int16.
  template <class Type>
  static I32x16 scale_operand(I32x16 pairs) {
    return pairs;
  }
};

using Dot = Maddubs<true>;
using RowDot = Maddubs<false>;  // of one activation row

}  // namespace
}  // namespace samovar::kernels
