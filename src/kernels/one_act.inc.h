// One activation row (generation): no panel is stored; each line of codes meets its four
// activations as it leaves the unpacker. Bound by memory, so what matters is few instructions and
// steady prefetching.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/row_blocks.inc.h"
#include "kernels/table.h"
#include "kernels/tile.inc.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

template <class Type>
constexpr int lines_of_sum() {
  if constexpr (kIsSuperblock<Type>) return Dot::lines<Type>();
  return 8;
}

// A sink of unpackers: multiplies each line with its activations and keeps the integer sums.
template <class Type>
struct DotLines {
  // Wide sums are scaled when they are complete; narrow ones at once, into the first.
  static constexpr int kLines = lines_of_sum<Type>();
  static constexpr int kSums = Dot::kWideSums && kIsSuperblock<Type> ? 64 / kLines : 1;

  const ActBlock& act;
  const Scales& scales;
  I32x16 sums[kSums];

  // Superblocks only: where the sums begin. Groups of 16 elements have their sums in pairs.
  void start() {
    if constexpr (Dot::kWideSums && Dot::centred<Type>()) {
      static_assert(kLines == 4);
#pragma GCC unroll 16
      for (int g = 0; g < kSums; ++g) {
        const I32x16 pair = broadcast_word(act.sums + g / 2 * 2);
        sums[g] = zero_lines();
        Dot::add_pairs(sums[g], pair, one_half(g, -Type::kBias));
      }
    }
  }
  void operator()(int line, I32x16 w) {
    const I32x16 a = broadcast_word(act.codes + 4 * line);
    I32x16& sum = sums[kSums == 1 ? 0 : line / kLines];
    if constexpr (Dot::kWideSums) {
      Dot::step<Type::kSigned>(sum, w, a);
    } else {
      I32x16 products = zero_lines();
      Dot::step<Type::kSigned>(products, w, a);
      if constexpr (kIsSuperblock<Type>) {
        Dot::fold<Type>(sum, products, load_line(scales.scale[4 * line / Type::kGroup]));
      } else {
        Dot::fold(sum, products);
      }
    }
  }
  // Superblocks only: the sum over all groups, scales included.
  I32x16 total() const {
    if constexpr (!Dot::kWideSums) return sums[0];
    I32x16 sum = zero_lines();
#pragma GCC unroll 16
    for (int i = 0; i < kSums; ++i) {
      const I32x16 scale = load_line(scales.scale[4 * kLines * i / Type::kGroup]);
      Dot::fold<Type>(sum, sums[i], scale);
    }
    return sum;
  }
};

// acc + up to 256 elements from element `first` on.
template <class Type>
inline F32x16 add_depth(RowBlocks rows, int64_t n_blocks, const NextRows& next, const ActBlock& act,
                        F32x16 acc) {
  Scales scales;
  DotLines<Type> sink = {act, scales, {}};
  if constexpr (kIsSuperblock<Type>) {
    sink.start();
    Type::unpack(rows.p, rows.stride, next, scales, sink);
    I32x16 pairs = zero_lines();
    if constexpr (Type::kPairs == Pairs::kMinimum || kHasBiasPairs<Type>) {
#pragma GCC unroll 8
      for (int j = 0; j < kPairLines<Type>; ++j) {
        const I32x16 a = broadcast_word(pair_sums<Type>(act, j));
        Dot::add_pairs(pairs, load_line(scales.pairs[j]), a);
      }
    }
    I32x16 total = sink.total();
    if constexpr (kHasBiasPairs<Type>) total = add_words(total, pairs);
    return add_superblock<Type>(acc, total, pairs, act.scales[0], scales);
  } else {
    for (int block = 0; block < n_blocks; ++block) {
      sink.sums[0] = start_block<Type>(act, block);
      unpack_block<Type>(rows, block, next, scales, sink);
      acc = add_block<Type>(acc, sink.sums[0], act, scales, block);
    }
    return acc;
  }
}

template <class Type>
void one_act(const MatmulTask& task) {
  PaddedRows<Type> padded;
  for (int64_t row = 0; row < task.n_rows; row += kPanelRows) {
    const int n_rows = rows_of_panel(task, row);
    F32x16 acc = set1(0.0F);
    for (int64_t first = 0; first < task.k; first += kPanelElements) {
      const int64_t n_blocks = blocks_at<Type>(task, first);
      RowBlocks rows = row_blocks<Type>(task, row, first);
      const NextRows next = next_rows(rows, kPanelRows);
      if (n_rows < kPanelRows) rows = padded.copy(rows, n_rows, n_blocks);
      const ActBlock& act = task.acts->blocks[first / kPanelElements];
      acc = add_depth<Type>(rows, n_blocks, next, act, acc);
    }
    store(task.out + row, acc, n_rows);
  }
}

}  // namespace
}  // namespace samovar::kernels
