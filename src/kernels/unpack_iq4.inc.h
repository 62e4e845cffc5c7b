// IQ4_NL and IQ4_XS: four bits that stand for the values of a table. Layouts: tensor/block.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/panel.inc.h"
#include "tensor/block.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kIq4Bias = Dot::kSignedCodes ? 0 : 128;

inline I32x16 iq4_table() {
  return subtract_bytes(broadcast_table(kIq4Values), set1_byte(-kIq4Bias));
}

// The values of the nibbles of w: low ones to lines from `low` on, high ones from `high` on.
template <class Sink>
inline void unpack_iq4_nibbles(const I32x16 (&w)[4], int low, int high, Sink& sink) {
  const I32x16 table = iq4_table();
  const I32x16 four = set1_byte(15);
#pragma GCC unroll 16
  for (int i = 0; i < 4; ++i) {
    sink(low + i, shuffle_bytes(table, w[i] & four));
    sink(high + i, shuffle_bytes(table, shift_right<4>(w[i]) & four));
  }
}

struct UnpackIQ4_XS {
  using Block = BlockIQ4_XS;
  static constexpr int kGroup = 32;
  static constexpr int kMaxCode = 127 + kIq4Bias;
  static constexpr bool kSigned = Dot::kSignedCodes;
  static constexpr int kBias = kIq4Bias;
  static constexpr Pairs kPairs = Dot::kSignedCodes ? Pairs::kNone : Pairs::kBias;

  template <class D>
  static void unpack_scales(const SixteenRows& rows, Scales& out) {
    I32x16 head[4];
    load_words(rows, 0, head);  // d, scales_h; scales_l
    store_f16_words(out.d[0], head[0]);
    const I32x16 four = set1_byte(15);
    // Group g: low bits in nibble g % 2 of byte g / 2 of head[1], high bits at bit 16 + 2g of
    // head[0]. Even and odd groups are handled apart: bytes 0..3 of a word are groups 0, 2, 4, 6 or
    // 1, 3, 5, 7.
    const I32x16 high = shift_right<16>(head[0]);
    const I32x16 byte0 = set1_word(0x00000003);
    const I32x16 even_high = (high & byte0) | (shift_left<4>(high) & shift_left<8>(byte0)) |
                             (shift_left<8>(high) & shift_left<16>(byte0)) |
                             (shift_left<12>(high) & shift_left<24>(byte0));
    const I32x16 odd = shift_right<2>(high);
    const I32x16 odd_high = (odd & byte0) | (shift_left<4>(odd) & shift_left<8>(byte0)) |
                            (shift_left<8>(odd) & shift_left<16>(byte0)) |
                            (shift_left<12>(odd) & shift_left<24>(byte0));
    const I32x16 offset = set1_byte(32);
    const I32x16 scales[2] = {
        subtract_bytes((head[1] & four) | shift_left<4>(even_high), offset),
        subtract_bytes((shift_right<4>(head[1]) & four) | shift_left<4>(odd_high), offset)};
#pragma GCC unroll 16
    for (int g = 0; g < LineOrder<D>::kSpan / 32; ++g) {
      const I32x16 words = scales[g % 2];
      const I32x16 pairs = D::kPaired ? byte_pairs(words, g / 2, words, 2 + g / 2 % 2)
                                      : byte_pairs(words, kSameByte[g / 2]);
      store_line(out.scale[g], D::template scale_operand<UnpackIQ4_XS>(pairs));
    }
    if constexpr (!kHasBiasPairs<D, UnpackIQ4_XS>) return;
    const I32x16 low = set1_word(0xFFFF);
#pragma GCC unroll 16
    for (int j = 0; j < 4; ++j) {
      const I32x16 even = byte_pairs(scales[0], kSameByte[j]) & low;
      const I32x16 uneven =
          byte_pairs(scales[1], kSameByte[j]) ^ (byte_pairs(scales[1], kSameByte[j]) & low);
      store_line(out.pairs[j], multiply_halves(even | uneven, set1_half(-kIq4Bias)));
    }
  }

  template <class Sink>
  static void unpack(const SixteenRows& rows, const NextRows& next, Scales& out, Sink& sink) {
    using D = typename Sink::Products;
    using Order = LineOrder<D>;
    unpack_scales<D>(rows, out);
#pragma GCC unroll 16
    for (int step = 0; step < 8; ++step) {
      const int group = step / Order::kParts;
      const int part = step % Order::kParts;
      next.fetch_share<sizeof(Block), 8>(step);
      I32x16 w[4];
      load_lines<D, 64>(rows, 8 + 16 * group, part, w);
      const int first = Order::first_line(32 * group) + 4 * part;
      unpack_iq4_nibbles(w, first, first + Order::first_line(16), sink);
    }
  }
};

struct UnpackIQ4_NL {
  using Block = BlockIQ4_NL;
  static constexpr int kGroup = 32;
  static constexpr int kMaxCode = 127;
  static constexpr bool kSigned = Dot::kSignedCodes;
  static constexpr int kBias = kIq4Bias;
  static constexpr bool kHasMinimum = false;

  template <class Sink>
  static void unpack(const SixteenRows& rows, int block, Scales& out, Sink& sink) {
    I32x16 head[4];
    load_words(rows, 0, head);
    store_f16_words(out.d[block], head[0]);
    I32x16 w[4];
    load_words(rows, 2, w);
    unpack_iq4_nibbles(w, 8 * block, 8 * block + 4, sink);
  }
};

}  // namespace
}  // namespace samovar::kernels
