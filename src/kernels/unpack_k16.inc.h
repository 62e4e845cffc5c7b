// Q2_K, Q3_K and Q6_K: superblocks of 16 rows into lines. Layouts: tensor/block.h; contract:
// panel.inc.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/panel.inc.h"
#include "tensor/block.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

// Sixteen signed scale bytes in four words, one per group of 16; pairs get -bias * scale where the
// tile wants that.
template <class D, class Type>
inline void store_scales16(Scales& out, const I32x16 (&bytes)[4]) {
#pragma GCC unroll 16
  for (int g = 0; g < LineOrder<D>::kSpan / 16; ++g) {
    const I32x16 pairs = D::kPaired ? byte_pairs(bytes[g / 4], g % 4, bytes[2 + g / 4 % 2], g % 4)
                                    : byte_pairs(bytes[g / 4], kSameByte[g % 4]);
    store_line(out.scale[g], D::template scale_operand<Type>(pairs));
  }
  if constexpr (!kHasBiasPairs<D, Type>) return;
#pragma GCC unroll 16
  for (int j = 0; j < 8; ++j) {
    const I32x16 pairs = byte_pairs(bytes[j / 2], kTwoBytes[j % 2]);
    store_line(out.pairs[j], multiply_halves(pairs, set1_half(-Type::kBias)));
  }
}

struct UnpackQ2_K {
  using Block = BlockQ2_K;
  static constexpr int kGroup = 16;
  static constexpr int kMaxCode = 3;
  static constexpr int kBias = 0;
  static constexpr bool kSigned = false;
  static constexpr Pairs kPairs = Pairs::kMinimum;

  template <class Sink>
  static void unpack(const SixteenRows& rows, const NextRows& next, Scales& out, Sink& sink) {
    using D = typename Sink::Products;
    using Order = LineOrder<D>;
    I32x16 tail[4];
    load_words(rows, 68, tail);  // ends with d, dmin
    store_f16_words(out.d[0], tail[3]);
    store_f16_words(out.m[0], shift_right<16>(tail[3]));
    I32x16 bytes[4];
    load_words(rows, 0, bytes);
    I32x16 scales[4];
#pragma GCC unroll 16
    for (int i = 0; i < 4; ++i) scales[i] = bytes[i] & set1_byte(15);
    store_scales16<D, UnpackQ2_K>(out, scales);
#pragma GCC unroll 16
    for (int j = 0; j < 8; ++j) {
      const I32x16 mins = shift_right<4>(bytes[j / 2]) & set1_byte(15);
      store_line(out.pairs[j], byte_pairs(mins, kTwoBytes[j % 2]));
    }
#pragma GCC unroll 16
    for (int step = 0; step < 4; ++step) {
      const int chunk = step / Order::kParts;
      const int part = step % Order::kParts;
      next.fetch_share<sizeof(Block), 4>(step);
      I32x16 w[4];
      load_lines<D, 32>(rows, 16 + 16 * chunk, part, w);
      const int first = Order::first_line(128 * (chunk / 2) + 16 * (chunk % 2)) + 4 * part;
#pragma GCC unroll 16
      for (int quarter = 0; quarter < 4; ++quarter) {
#pragma GCC unroll 16
        for (int i = 0; i < 4; ++i) {
          sink(first + Order::first_line(32) * quarter + i, w[i] & set1_byte(3));
          w[i] = shift_right<2>(w[i]);
        }
      }
    }
  }
};

struct UnpackQ3_K {
  using Block = BlockQ3_K;
  static constexpr int kGroup = 16;
  static constexpr int kMaxCode = 7;
  static constexpr int kBias = 4;
  static constexpr bool kSigned = false;
  static constexpr Pairs kPairs = Pairs::kBias;

  template <class D>
  static void unpack_scales(const SixteenRows& rows, Scales& out) {
    I32x16 tail[4];
    load_words(rows, 94, tail);  // ends with d
    store_f16_words(out.d[0], shift_right<16>(tail[3]));
    I32x16 bytes[4];
    load_words(rows, 92, bytes);  // scales in words 1 to 3
    const I32x16 two = set1_byte(3);
    const I32x16 four = set1_byte(15);
    const I32x16 high = bytes[3];
    I32x16 scales[4] = {
        (bytes[1] & four) | shift_left<4>(high & two),
        (bytes[2] & four) | shift_left<4>(shift_right<2>(high) & two),
        (shift_right<4>(bytes[1]) & four) | shift_left<4>(shift_right<4>(high) & two),
        (shift_right<4>(bytes[2]) & four) | shift_left<4>(shift_right<6>(high) & two)};
    for (I32x16& scale : scales) scale = subtract_bytes(scale, set1_byte(32));
    store_scales16<D, UnpackQ3_K>(out, scales);
  }

  template <class Sink>
  static void unpack(const SixteenRows& rows, const NextRows& next, Scales& out, Sink& sink) {
    using D = typename Sink::Products;
    using Order = LineOrder<D>;
    unpack_scales<D>(rows, out);
    constexpr int kHalves = Order::kSpan / 128;
#pragma GCC unroll 16
    for (int step = 0; step < 2 * Order::kParts; ++step) {
      const int side = step / Order::kParts;  // first and second 16 of each 32
      const int part = step % Order::kParts;
      I32x16 third[4];
      load_lines<D, 0>(rows, 16 * side, part, third);
#pragma GCC unroll 16
      for (int half = 0; half < kHalves; ++half) {
        next.fetch_share<sizeof(Block), 4>(kHalves * step + half);
        I32x16 w[4];
        load_lines<D, 32>(rows, 32 + 32 * half + 16 * side, part, w);
        const int first = Order::first_line(128 * half + 16 * side) + 4 * part;
#pragma GCC unroll 16
        for (int quarter = 0; quarter < 4; ++quarter) {
#pragma GCC unroll 16
          for (int i = 0; i < 4; ++i) {
            const I32x16 top = shift_left<2>(third[i]) & set1_byte(4);
            sink(first + Order::first_line(32) * quarter + i, (w[i] & set1_byte(3)) | top);
            w[i] = shift_right<2>(w[i]);
            third[i] = shift_right<1>(third[i]);
          }
        }
      }
    }
  }
};

struct UnpackQ6_K {
  using Block = BlockQ6_K;
  static constexpr int kGroup = 16;
  static constexpr int kMaxCode = 63;
  static constexpr int kBias = 32;
  static constexpr bool kSigned = false;
  static constexpr Pairs kPairs = Pairs::kBias;

  template <class Sink>
  static void unpack(const SixteenRows& rows, const NextRows& next, Scales& out, Sink& sink) {
    using D = typename Sink::Products;
    using Order = LineOrder<D>;
    I32x16 tail[4];
    load_words(rows, 194, tail);  // ends with d
    store_f16_words(out.d[0], shift_right<16>(tail[3]));
    I32x16 scales[4];
    load_words(rows, 192, scales);
    store_scales16<D, UnpackQ6_K>(out, scales);
    const I32x16 four = set1_byte(15);
    const I32x16 top = set1_byte(0x30);
    constexpr int kQuarter = Order::first_line(32);
#pragma GCC unroll 16
    for (int step = 0; step < 4; ++step) {
      const int half = step / Order::kParts / 2;
      const int side = step / Order::kParts % 2;
      const int part = step % Order::kParts;
      next.fetch_share<sizeof(Block), 4>(step);
      I32x16 a[4];
      I32x16 b[4];
      I32x16 high[4];
      load_lines<D, 64>(rows, 64 * half + 16 * side, part, a);
      load_lines<D, 64>(rows, 64 * half + 32 + 16 * side, part, b);
      load_lines<D, 32>(rows, 128 + 32 * half + 16 * side, part, high);
      const int first = Order::first_line(128 * half + 16 * side) + 4 * part;
#pragma GCC unroll 16
      for (int i = 0; i < 4; ++i) {
        sink(first + i, (a[i] & four) | (shift_left<4>(high[i]) & top));
      }
#pragma GCC unroll 16
      for (int i = 0; i < 4; ++i) {
        sink(first + kQuarter + i, (b[i] & four) | (shift_left<2>(high[i]) & top));
      }
#pragma GCC unroll 16
      for (int i = 0; i < 4; ++i) {
        sink(first + 2 * kQuarter + i, (shift_right<4>(a[i]) & four) | (high[i] & top));
      }
#pragma GCC unroll 16
      for (int i = 0; i < 4; ++i) {
        sink(first + 3 * kQuarter + i,
             (shift_right<4>(b[i]) & four) | (shift_right<2>(high[i]) & top));
      }
    }
  }
};

}  // namespace
}  // namespace samovar::kernels
