// Q4_K and Q5_K: superblocks of 16 rows into lines. Layouts: tensor/block.h; contract: panel.inc.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/panel.inc.h"
#include "tensor/block.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

// d, dmin and the eight 6-bit scales and minimums of Q4_K and Q5_K: their first 16 bytes.
template <class Type>
inline void unpack_k4_header(const uint8_t* p, size_t stride, Scales& out) {
  I32x16 w[4];
  load_words(p, stride, w);
  store_f16_words(out.d[0], w[0]);
  store_f16_words(out.m[0], shift_right<16>(w[0]));
  const I32x16 six = set1_byte(63);
  const I32x16 four = set1_byte(15);
  const I32x16 top = set1_byte(0x30);
  const I32x16 scales[2] = {w[1] & six, (w[3] & four) | (shift_right<2>(w[1]) & top)};
  const I32x16 mins[2] = {w[2] & six, (shift_right<4>(w[3]) & four) | (shift_right<2>(w[2]) & top)};
#pragma GCC unroll 16
  for (int g = 0; g < 8; ++g) {
    const ByteTable& table = kSameByte[g % 4];
    store_line(out.scale[g], Dot::scale_operand<Type>(byte_pairs(scales[g / 4], table)));
  }
#pragma GCC unroll 16
  for (int j = 0; j < 4; ++j) {
    store_line(out.pairs[j], byte_pairs(mins[j / 2], kTwoBytes[j % 2]));
  }
}

struct UnpackQ4_K {
  using Block = BlockQ4_K;
  static constexpr int kGroup = 32;
  static constexpr int kMaxCode = 15;
  static constexpr int kBias = 0;
  static constexpr bool kSigned = false;
  static constexpr Pairs kPairs = Pairs::kMinimum;

  template <class Sink>
  static void unpack(const uint8_t* p, size_t stride, const NextRows& next, Scales& out,
                     Sink& sink) {
    unpack_k4_header<UnpackQ4_K>(p, stride, out);
    const I32x16 four = set1_byte(15);
    // Chunks of 16 bytes at a time. Two hold whole groups: the sums of one are done before the
    // other begins, so that those of eight activation rows stay in registers. Sixteen have no room
    // for the words of two.
    constexpr int kTogether = Dot::kWideSums ? 2 : 1;
#pragma GCC unroll 16
    for (int chunk = 0; chunk < 8; chunk += kTogether) {
      I32x16 w[kTogether][4];
#pragma GCC unroll 16
      for (int i = 0; i < kTogether; ++i) {
        const size_t row = 2 * static_cast<size_t>(chunk + i);
        next.fetch<sizeof(Block)>(row);
        next.fetch<sizeof(Block)>(row + 1);
        load_words(p + 16 + 16 * (chunk + i), stride, w[i]);
      }
      const int first = 16 * (chunk / 2) + 4 * (chunk % 2);
#pragma GCC unroll 16
      for (int i = 0; i < 4 * kTogether; ++i) sink(first + i, w[i / 4][i % 4] & four);
#pragma GCC unroll 16
      for (int i = 0; i < 4 * kTogether; ++i) {
        sink(first + 8 + i, shift_right<4>(w[i / 4][i % 4]) & four);
      }
    }
  }
};

struct UnpackQ5_K {
  using Block = BlockQ5_K;
  static constexpr int kGroup = 32;
  static constexpr int kMaxCode = 31;
  static constexpr int kBias = 0;
  static constexpr bool kSigned = false;
  static constexpr Pairs kPairs = Pairs::kMinimum;

  template <class Sink>
  static void unpack(const uint8_t* p, size_t stride, const NextRows& next, Scales& out,
                     Sink& sink) {
    unpack_k4_header<UnpackQ5_K>(p, stride, out);
    const I32x16 four = set1_byte(15);
    const I32x16 fifth = set1_byte(16);
#pragma GCC unroll 16
    for (int side = 0; side < 2; ++side) {  // first and second 16 of each 32
      I32x16 high[4];
      load_words(p + 16 + 16 * side, stride, high);
#pragma GCC unroll 16
      for (int pair = 0; pair < 4; ++pair) {
        const size_t row = 8 * static_cast<size_t>(side) + 2 * static_cast<size_t>(pair);
        next.fetch<sizeof(Block)>(row);
        next.fetch<sizeof(Block)>(row + 1);
        I32x16 w[4];
        load_words(p + 48 + 32 * pair + 16 * side, stride, w);
        const int first = 16 * pair + 4 * side;
#pragma GCC unroll 16
        for (int i = 0; i < 4; ++i) {
          sink(first + i, (w[i] & four) | (shift_left<4>(high[i]) & fifth));
          sink(first + 8 + i, (shift_right<4>(w[i]) & four) | (shift_left<3>(high[i]) & fifth));
          high[i] = shift_right<2>(high[i]);
        }
      }
    }
  }
};

}  // namespace
}  // namespace samovar::kernels
