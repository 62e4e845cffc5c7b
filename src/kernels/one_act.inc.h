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

// A sink of unpackers: multiplies each line with its activations and keeps the integer sums.
template <class Type>
struct DotLines {
  // Wide sums are scaled when their group is complete; narrow ones at once, into the first.
  static constexpr int kSums = Dot::kWideSums && kIsSuperblock<Type> ? 256 / Type::kGroup : 1;

  const int8_t* codes;  // activations at line 0
  const Scales& scales;
  I32x16 sums[kSums];

  void operator()(int line, I32x16 w) {
    const I32x16 a = broadcast_word(codes + 4 * line);
    const int group = 4 * line / Type::kGroup;
    I32x16& sum = sums[kSums == 1 ? 0 : group];
    if constexpr (Dot::kWideSums) {
      sum = Dot::step<Type::kSigned>(sum, w, a);
    } else if constexpr (kIsSuperblock<Type>) {
      const I32x16 products = Dot::step<Type::kSigned>(zero_lines(), w, a);
      sum = Dot::fold(sum, products, load_line(scales.scale[group]));
    } else {
      sum = Dot::fold(sum, Dot::step<Type::kSigned>(zero_lines(), w, a));
    }
  }
  // Superblocks only: the sum over all groups, scales included.
  I32x16 total() const {
    if constexpr (!Dot::kWideSums) return sums[0];
    I32x16 sum = zero_lines();
#pragma GCC unroll 16
    for (int g = 0; g < kSums; ++g) sum = Dot::fold(sum, sums[g], load_line(scales.scale[g]));
    return sum;
  }
};

// acc + up to 256 elements from element `first` on.
template <class Type>
inline F32x16 add_depth(RowBlocks rows, int64_t n_blocks, const NextRows& next, const ActRow& act,
                        int64_t first, F32x16 acc) {
  Scales scales;
  DotLines<Type> sink = {act.codes + first, scales, {}};
  const int16_t* code_sums = act.sums + first / 16;
  if constexpr (kIsSuperblock<Type>) {
    Type::unpack(rows.p, rows.stride, next, scales, sink);
    I32x16 pairs = zero_lines();
    if constexpr (Type::kPairs != Pairs::kNone) {
#pragma GCC unroll 8
      for (int j = 0; j < 8; ++j) {
        const I32x16 a = broadcast_word(code_sums + 2 * j);
        pairs = Dot::add_pairs(pairs, load_line(scales.pairs[j]), a);
      }
    }
    I32x16 total = sink.total();
    if constexpr (Type::kPairs == Pairs::kBias) total = add_words(total, pairs);
    return add_superblock<Type>(acc, total, pairs, act.scales[first / 256], scales);
  } else {
    for (int block = 0; block < n_blocks; ++block, code_sums += 2) {
      sink.sums[0] = start_block<Type>(code_sums);
      unpack_block<Type>(rows, block, next, scales, sink);
      acc = add_block<Type>(acc, sink.sums[0], act.scales[first / 32 + block], code_sums, scales,
                            block);
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
      acc = add_depth<Type>(rows, n_blocks, next, *task.acts, first, acc);
    }
    store(task.out + row, acc, n_rows);
  }
}

}  // namespace
}  // namespace samovar::kernels
