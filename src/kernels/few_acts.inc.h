// One to sixteen activation rows (generation): one panel of weight rows at a time, whose lanes read
// the weights as streams (row_blocks.inc.h). Needs a Dot.
//
// Where sums are wide no panel is stored for up to eight rows: each line of codes meets the
// activations as it leaves the unpacker, so unpacking, multiplying and waiting for memory overlap.
// Where they are narrow that holds for one activation row only; for more a sum over several lines
// is worth storing the panel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/panel.inc.h"
#include "kernels/row_blocks.inc.h"
#include "kernels/table.h"
#include "kernels/tile.inc.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kFewActs = 16;

// Lines that a sum holds before it goes into the total.
template <class Type>
constexpr int lines_of_sum() {
  if constexpr (kIsSuperblock<Type>) return RowDot::lines<Type>();
  if constexpr (!RowDot::kWideSums) return RowDot::max_lines(Type::kMaxCode);
  return 8;
}

// A sink of unpackers: multiplies each line with its activations and keeps the integer sums.
template <class Type, int kActs>
struct DotLines {
  using Products = RowDot;
  static constexpr int kLines = lines_of_sum<Type>();
  static constexpr unsigned kUnpacked = kIsSuperblock<Type> ? 64 : 8;  // lines, in any order
  static constexpr bool kApart = kIsSuperblock<Type> || !RowDot::kWideSums;

  const TileActs<kActs>& acts;
  const Scales& scales;
  I32x16 totals[kActs];
  I32x16 sums[kUnpacked / kLines][kActs];  // kApart: what is not in the totals yet

  [[gnu::always_inline]] void operator()(int line, I32x16 w) {
    I32x16(&sum)[kActs] = kApart ? sums[static_cast<unsigned>(line) % kUnpacked / kLines] : totals;
    if (kApart && line % kLines == 0) start(line, sum);
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) {
      RowDot::step_at<Type::kSigned>(sum[t], w, acts.block[t]->codes + 4 * line);
    }
    if (!kApart || line % kLines != kLines - 1) return;
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) fold(line, totals[t], sum[t]);
  }

 private:
  [[gnu::always_inline]] void start(int line, I32x16 (&sum)[kActs]) const {
    if constexpr (kIsSuperblock<Type>) {
      const auto first = start_sums<RowDot, Type, kActs, 1>(acts, line);
#pragma GCC unroll 8
      for (int t = 0; t < kActs; ++t) sum[t] = first.v[t][0];
    } else {
#pragma GCC unroll 8
      for (int t = 0; t < kActs; ++t) sum[t] = zero_lines();
    }
  }
  [[gnu::always_inline]] void fold(int line, I32x16& total, I32x16 sum) const {
    if constexpr (kIsSuperblock<Type>) {
      RowDot::fold<Type>(total, sum, load_line(scales.scale[line / RowDot::group_lines<Type>()]));
    } else {
      RowDot::fold(total, sum);
    }
  }
};

// out + one superblock. Flat, so that the sink's sums are registers.
template <class Type, int kActs>
[[gnu::noinline, gnu::flatten]] void dot_superblock(RowBlocks rows, TileTask task) {
  const NextRows next = next_in_lanes<Type>(rows);
  const GroupStarts<RowDot, Type, kActs> starts(task);
  const TileActs<kActs> acts(task);
  Scales scales;
  DotLines<Type, kActs> sink = {acts, scales, {}, {}};
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) sink.totals[t] = zero_lines();
  Type::unpack(sixteen_rows(rows), next, scales, sink);
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) {
    const ActBlock& act = *acts.block[t];
    I32x16 pairs = zero_lines();
    if constexpr (Type::kPairs == Pairs::kMinimum || kHasBiasPairs<RowDot, Type>) {
#pragma GCC unroll 8
      for (int j = 0; j < kPairLines<Type>; ++j) {
        const I32x16 a = broadcast_word(pair_sums<Type>(act, j));
        RowDot::add_pairs(pairs, load_line(scales.pairs[j]), a);
      }
    }
    I32x16 total = sink.totals[t];
    if constexpr (kHasBiasPairs<RowDot, Type>) total = add_words(total, pairs);
    float* out = task.out + static_cast<size_t>(t) * task.out_stride;
    store(out, add_superblock<Type>(load(out), total, pairs, act.scales[0], scales));
  }
}

// out + up to eight blocks of 32 elements.
template <class Type, int kActs>
[[gnu::noinline, gnu::flatten]] void dot_blocks(RowBlocks blocks, const TileTask& task) {
  const NextRows next = next_in_lanes<Type>(blocks);
  SixteenRows rows = sixteen_rows(blocks);
  const TileActs<kActs> acts(task);
  Scales scales;
  DotLines<Type, kActs> sink = {acts, scales, {}, {}};
  for (int block = 0; block < task.n_blocks; ++block) {
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) sink.totals[t] = start_block<Type>(*acts.block[t], block);
    unpack_block<Type>(rows, block, next, scales, sink);
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) {
      float* out = task.out + static_cast<size_t>(t) * task.out_stride;
      store(out, add_block<Type>(load(out), sink.totals[t], *acts.block[t], scales, block));
    }
  }
}

template <class Type, int kActs>
struct DotDepth {
  static constexpr int kRows = kActs;
  void operator()(RowBlocks rows, const TileTask& task, int64_t /*n_acts*/) {
    if constexpr (kIsSuperblock<Type>) {
      dot_superblock<Type, kActs>(rows, task);
    } else {
      dot_blocks<Type, kActs>(rows, task);
    }
  }
};

// The same by way of a panel and its tiles: eight activation rows at most, or four where sixteen
// registers hold no more sums.
template <class Type>
struct PanelDepth {
  static constexpr int kRows = kFewActs;
  Panel panel;
  void operator()(RowBlocks rows, TileTask task, int64_t n_acts) {
    unpack_panel<Type>(rows, task.n_blocks, next_in_lanes<Type>(rows), panel);
    task.panels = &panel;
    for (; n_acts >= kTallest; n_acts -= kTallest) run<kTallest>(task);
    if (n_acts >= 4) run<4>(task);
    if (n_acts % 4 >= 2) run<2>(task);
    if (n_acts % 2 == 1) run<1>(task);
  }

 private:
  static constexpr int kTallest = kTileActs * kTilePanels < 8 ? 4 : 8;

  template <int kActs>
  static void run(TileTask& task) {
    const GroupStarts<Dot, Type, kActs> starts(task);
    run_tile<Type, kActs, 1>(task);
    task.acts += kActs;
    task.out += kActs * task.out_stride;
  }
};

// A product with up to Depth::kRows activation rows; what is left of them repeats the last.
template <class Type, class Depth>
void streamed(const MatmulTask& task) {
  constexpr int kActs = Depth::kRows;
  ActRow acts[kActs];
  for (int t = 0; t < kActs; ++t) acts[t] = task.acts[t < task.n_acts ? t : task.n_acts - 1];
  Depth depth;
  PaddedRows<Type> padded;
  for_each_panel(task, [&](const Lanes& lanes) {
    alignas(64) float sums[kActs][kPanelRows] = {};
    for (int64_t first = 0; first < task.k; first += kPanelElements) {
      const int64_t n_blocks = blocks_at<Type>(task, first);
      RowBlocks rows = lane_blocks<Type>(task, lanes, first);
      if (lanes.n < kPanelRows) rows = padded.copy(rows, lanes.n, n_blocks);
      depth(rows,
            {nullptr, acts, static_cast<size_t>(first / kPanelElements), n_blocks, sums[0],
             kPanelRows},
            task.n_acts);
    }
    for (int64_t t = 0; t < task.n_acts; ++t) {
      store_lanes(task.out + t * task.out_stride, lanes, sums[t]);
    }
  });
}

// REQUIRES: task.n_acts <= kFewActs.
template <class Type>
void few_acts(const MatmulTask& task) {
  if (task.n_acts == 0) return;
  if (task.n_acts == 1) return streamed<Type, DotDepth<Type, 1>>(task);
  if constexpr (Dot::kWideSums) {
    if (task.n_acts == 2) return streamed<Type, DotDepth<Type, 2>>(task);
    if (task.n_acts <= 4) return streamed<Type, DotDepth<Type, 4>>(task);
    if (task.n_acts <= 6) return streamed<Type, DotDepth<Type, 6>>(task);
    if (task.n_acts <= 8) return streamed<Type, DotDepth<Type, 8>>(task);
  }
  streamed<Type, PanelDepth<Type>>(task);
}

}  // namespace
}  // namespace samovar::kernels
