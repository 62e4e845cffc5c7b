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

// The 32 elements whose nibbles are the 16 bytes at `p` of each row.
template <class Sink>
inline void unpack_iq4_nibbles(const uint8_t* p, size_t stride, int first, Sink& sink) {
  const I32x16 table = iq4_table();
  const I32x16 four = set1_byte(15);
  I32x16 w[4];
  load_words(p, stride, w);
#pragma GCC unroll 16
  for (int i = 0; i < 4; ++i) {
    sink(first + i, shuffle_bytes(table, w[i] & four));
    sink(first + 4 + i, shuffle_bytes(table, shift_right<4>(w[i]) & four));
  }
}

struct UnpackIQ4_XS {
  using Block = BlockIQ4_XS;
  static constexpr int kGroup = 32;
  static constexpr int kMaxCode = 127 + kIq4Bias;
  static constexpr bool kSigned = Dot::kSignedCodes;
  static constexpr int kBias = kIq4Bias;
  static constexpr Pairs kPairs = Dot::kSignedCodes ? Pairs::kNone : Pairs::kBias;

  static void unpack_scales(const uint8_t* p, size_t stride, Scales& out) {
    I32x16 head[4];
    load_words(p, stride, head);  // d, scales_h; scales_l
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
    for (int g = 0; g < 8; ++g) {
      const I32x16 pairs = byte_pairs(scales[g % 2], kSameByte[g / 2]);
      store_line(out.scale[g], Dot::scale_operand<UnpackIQ4_XS>(pairs));
    }
    if constexpr (!kHasBiasPairs<UnpackIQ4_XS>) return;
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
  static void unpack(const uint8_t* p, size_t stride, const NextRows& next, Scales& out,
                     Sink& sink) {
    unpack_scales(p, stride, out);
#pragma GCC unroll 16
    for (int g = 0; g < 8; ++g) {
      next.fetch<sizeof(Block)>(2 * static_cast<size_t>(g));
      next.fetch<sizeof(Block)>(2 * static_cast<size_t>(g) + 1);
      unpack_iq4_nibbles(p + 8 + 16 * g, stride, 8 * g, sink);
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
  static void unpack(const uint8_t* p, size_t stride, int block, Scales& out, Sink& sink) {
    I32x16 head[4];
    load_words(p, stride, head);
    store_f16_words(out.d[block], head[0]);
    unpack_iq4_nibbles(p + 2, stride, 8 * block, sink);
  }
};

}  // namespace
}  // namespace samovar::kernels
