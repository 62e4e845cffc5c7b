// Blocks of 32 elements of 16 rows into block `block` of a panel: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0.
// Layouts: tensor/block.h. kBias is subtracted from the stored codes; every load stays in its
// block.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/panel.inc.h"
#include "tensor/block.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

// codes + 16 times bits 4i..4i+3 of each word, a bit for each byte.
inline I32x16 add_fifth_bits(I32x16 codes, I32x16 bits, int i) {
  const I32x16 spread = shuffle_bytes(bits, broadcast_table(&kEveryByte[i / 2]));
  const uint32_t single = i % 2 == 0 ? 0x08040201U : 0x80402010U;  // byte j tests its bit
  return add_where(codes, spread, set1_word(static_cast<int32_t>(single)), set1_byte(16));
}

// Blocks that start with d and perhaps m, then perhaps the fifth bits, and end with 16 bytes of
// nibbles.
template <class BlockType, int kBlockBias>
struct UnpackNibbles {
  using Block = BlockType;
  static constexpr bool kFiveBits = requires(Block b) { b.qh; };
  static constexpr bool kHasMinimum = requires(Block b) { b.m; };
  static constexpr int kGroup = 32;
  static constexpr int kMaxCode = kFiveBits ? 31 : 15;
  static constexpr bool kSigned = false;
  static constexpr int kBias = kBlockBias;

  template <class Sink>
  static void unpack(const SixteenRows& rows, int block, Scales& out, Sink& sink) {
    I32x16 head[4];
    load_words(rows, 0, head);
    store_f16_words(out.d[block], head[0]);
    const I32x16 after_d = shift_right<16>(head[0]);
    if constexpr (kHasMinimum) store_f16_words(out.m[block], after_d);
    const I32x16 fifth = kHasMinimum ? head[1] : after_d | shift_left<16>(head[1]);
    I32x16 w[4];
    load_words(rows, sizeof(Block) - 16, w);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      I32x16 low = w[i] & set1_byte(15);
      I32x16 high = shift_right<4>(w[i]) & set1_byte(15);
      if constexpr (kFiveBits) {
        low = add_fifth_bits(low, fifth, i);
        high = add_fifth_bits(high, fifth, 4 + i);
      }
      sink(8 * block + i, low);
      sink(8 * block + 4 + i, high);
    }
  }
};
using UnpackQ4_0 = UnpackNibbles<BlockQ4_0, 8>;
using UnpackQ4_1 = UnpackNibbles<BlockQ4_1, 0>;
using UnpackQ5_0 = UnpackNibbles<BlockQ5_0, 16>;
using UnpackQ5_1 = UnpackNibbles<BlockQ5_1, 0>;

struct UnpackQ8_0 {
  using Block = BlockQ8_0;
  static constexpr int kGroup = 32;
  static constexpr int kMaxCode = 128;
  static constexpr bool kSigned = Dot::kSignedCodes;
  static constexpr int kBias = Dot::kSignedCodes ? 0 : 128;
  static constexpr bool kHasMinimum = false;

  template <class Sink>
  static void unpack(const SixteenRows& rows, int block, Scales& out, Sink& sink) {
    I32x16 head[4];
    load_words(rows, 0, head);
    store_f16_words(out.d[block], head[0]);
#pragma GCC unroll 16
    for (int side = 0; side < 2; ++side) {
      I32x16 w[4];
      load_words(rows, 2 + 16 * side, w);
#pragma GCC unroll 16
      for (int i = 0; i < 4; ++i) {
        const I32x16 codes = Dot::kSignedCodes ? w[i] : w[i] ^ set1_byte(0x80);
        sink(8 * block + 4 * side + i, codes);
      }
    }
  }
};

}  // namespace
}  // namespace samovar::kernels
