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
template <class D, class Type>
inline void unpack_k4_header(const SixteenRows& rows, Scales& out) {
  I32x16 w[4];
  load_words(rows, 0, w);
  store_f16_words(out.d[0], w[0]);
  store_f16_words(out.m[0], shift_right<16>(w[0]));
  const I32x16 six = set1_byte(63);
  const I32x16 four = set1_byte(15);
  const I32x16 top = set1_byte(0x30);
  const I32x16 scales[2] = {w[1] & six, (w[3] & four) | (shift_right<2>(w[1]) & top)};
  const I32x16 mins[2] = {w[2] & six, (shift_right<4>(w[3]) & four) | (shift_right<2>(w[2]) & top)};
#pragma GCC unroll 16
  for (int g = 0; g < LineOrder<D>::kSpan / 32; ++g) {
    const I32x16 pairs = D::kPaired ? byte_pairs(scales[0], g, scales[1], g)
                                    : byte_pairs(scales[g / 4], kSameByte[g % 4]);
    store_line(out.scale[g], D::template scale_operand<Type>(pairs));
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
  static void unpack(const SixteenRows& rows, const NextRows& next, Scales& out, Sink& sink) {
    using D = typename Sink::Products;
    using Order = LineOrder<D>;
    unpack_k4_header<D, UnpackQ4_K>(rows, out);
    const I32x16 four = set1_byte(15);
    // Chunks of 16 bytes at a time. Two in ascending order hold whole groups: the sums of one are
    // done before the other begins, so that those of eight activation rows stay in registers.
    constexpr int kTogether = D::kWideSums ? 2 : 1;
    constexpr int kLines = 4 * kTogether;
    constexpr int kSteps = 8 / kTogether;
#pragma GCC unroll 16
    for (int step = 0; step < kSteps; ++step) {
      const int chunk = step * kTogether / Order::kParts;
      const int part = step % Order::kParts;
      I32x16 w[kTogether][4];
#pragma GCC unroll 16
      for (int i = 0; i < kTogether; ++i) {
        next.fetch_share<sizeof(Block), 8>(kTogether * step + i);
        load_lines<D, 64>(rows, 16 + 16 * (chunk + i), part, w[i]);
      }
      const int first = Order::first_line(64 * (chunk / 2) + 16 * (chunk % 2)) + 4 * part;
      const int second = first + Order::first_line(32);
#pragma GCC unroll 16
      for (int i = 0; i < kLines; ++i) sink(first + i, w[i / 4][i % 4] & four);
#pragma GCC unroll 16
      for (int i = 0; i < kLines; ++i) sink(second + i, shift_right<4>(w[i / 4][i % 4]) & four);
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
  static void unpack(const SixteenRows& rows, const NextRows& next, Scales& out, Sink& sink) {
    using D = typename Sink::Products;
    using Order = LineOrder<D>;
    unpack_k4_header<D, UnpackQ5_K>(rows, out);
    const I32x16 four = set1_byte(15);
    const I32x16 fifth = set1_byte(16);
    constexpr int kPairs = Order::kSpan / 64;
#pragma GCC unroll 16
    for (int step = 0; step < 2 * Order::kParts; ++step) {
      const int side = step / Order::kParts;  // first and second 16 of each 32
      const int part = step % Order::kParts;
      I32x16 high[4];
      load_lines<D, 0>(rows, 16 + 16 * side, part, high);
#pragma GCC unroll 16
      for (int pair = 0; pair < kPairs; ++pair) {
        next.fetch_share<sizeof(Block), 8>(kPairs * step + pair);
        I32x16 w[4];
        load_lines<D, 64>(rows, 48 + 32 * pair + 16 * side, part, w);
        const int first = Order::first_line(64 * pair + 16 * side) + 4 * part;
        const int second = first + Order::first_line(32);
#pragma GCC unroll 16
        for (int i = 0; i < 4; ++i) {
          sink(first + i, (w[i] & four) | (shift_left<4>(high[i]) & fifth));
          sink(second + i, (shift_right<4>(w[i]) & four) | (shift_left<3>(high[i]) & fifth));
          high[i] = shift_right<2>(high[i]);
        }
      }
    }
  }
};

}  // namespace
}  // namespace samovar::kernels
