// Tiles: kActs activation rows against kPanels panels of 16 weight rows, over one panel's depth.
//
// The order of arithmetic is that of docs/formats/activations.md: int32 inside a scale block, then
// float sums, which live in the caller's `out` between panels. Everything a tile follows is copied
// into locals first, since its stores could alias what it reads. Needs a Dot.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/panel.inc.h"
#include "kernels/row_blocks.inc.h"
#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

// D::group_starts() of an activation row's 256 elements: a word for each group of 16 at most.
using StartBytes = uint8_t[64];

// Where a tile works. `out` is at the first activation row and weight row of the tile; its rows are
// written in whole panels, and read unless this is the first depth.
struct TileTask {
  const Panel* panels;
  const ActRow* acts;
  size_t depth;      // block of the activation rows where the panels begin
  int64_t n_blocks;  // blocks of 32 in the panels
  float* out;
  size_t out_stride;
  const StartBytes* starts = nullptr;  // GroupStarts of the activation rows
};

template <int kActs>
struct TileActs {
  const ActBlock* block[kActs];
  const StartBytes* starts;

  explicit TileActs(const TileTask& task) : starts(task.starts) {
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) block[t] = task.acts[t].blocks + task.depth;
  }
};

// What the sums of a centred type start from: made once for all weight rows that a task meets.
template <class D, class Type, int kActs>
struct GroupStarts {
  static constexpr bool kNeeded = [] {
    if constexpr (kIsSuperblock<Type>) return D::template centred<Type>();
    return false;
  }();
  alignas(64) StartBytes v[kNeeded ? kActs : 1];

  // For `task`, which BORROWS them.
  explicit GroupStarts(TileTask& task) {
    if constexpr (kNeeded) {
      for (int t = 0; t < kActs; ++t) {
        D::group_starts(task.acts[t].blocks[task.depth], Type::kBias, v[t]);
      }
      task.starts = v;
    }
  }
};

template <int kActs, int kPanels>
struct Sums {
  I32x16 v[kActs][kPanels];
};

template <int kActs, int kPanels>
inline Sums<kActs, kPanels> zero_sums() {
  Sums<kActs, kPanels> sums;
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) {
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) sums.v[t][p] = zero_lines();
  }
  return sums;
}

// sums + codes x activations of kSteps lines from `line` on.
template <int kSteps, bool kSigned, int kActs, int kPanels>
inline void add_steps(const Panel* panels, const TileActs<kActs>& acts, int line,
                      Sums<kActs, kPanels>& sums) {
#pragma GCC unroll 16
  for (int step = 0; step < kSteps; ++step) {
    I32x16 w[kPanels];
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) w[p] = load_line(panels[p].codes[line + step]);
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) {
      const I32x16 a = broadcast_word(acts.block[t]->codes + 4 * (line + step));
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) Dot::step<kSigned>(sums.v[t][p], w[p], a);
    }
  }
}

// The code sums that pair line j of a superblock meets.
template <class Type>
inline const int16_t* pair_sums(const ActBlock& block, int j) {
  return (Type::kGroup == 32 ? block.wide_sums : block.sums) + 2 * j;
}

// Sum over j of panel.pairs[j] x the code sums of two groups.
template <class Type, int kActs, int kPanels>
inline void add_pairs(const Panel* panels, const TileActs<kActs>& acts,
                      Sums<kActs, kPanels>& totals) {
  for (int j = 0; j < kPairLines<Type>; ++j) {
    I32x16 pairs[kPanels];
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) pairs[p] = load_line(panels[p].scales.pairs[j]);
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) {
      const I32x16 a = broadcast_word(pair_sums<Type>(*acts.block[t], j));
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) Dot::add_pairs(totals.v[t][p], pairs[p], a);
    }
  }
}

// acc + one superblock.
template <class Type>
inline F32x16 add_superblock(F32x16 acc, I32x16 total, I32x16 minimum, float act_scale,
                             const Scales& scales) {
  F32x16 value = load(scales.d[0]) * to_float(total);
  if constexpr (Type::kPairs == Pairs::kMinimum) {
    value = fnma(load(scales.m[0]), to_float(minimum), value);
  }
  return fma(set1(act_scale), value, acc);
}

// The integer sum of a block of 32 before its codes: minus the bias times the sum of the
// activations.
template <class Type>
inline I32x16 start_block(const ActBlock& block, int i) {
  I32x16 sum = zero_lines();
  if constexpr (Type::kBias != 0) {
    Dot::add_pairs(sum, broadcast_word(block.sums + 2 * i), set1_half(-Type::kBias));
  }
  return sum;
}

// acc + block i of 32 elements.
template <class Type>
inline F32x16 add_block(F32x16 acc, I32x16 total, const ActBlock& block, const Scales& scales,
                        int i) {
  acc = fma(load(scales.d[i]) * set1(block.scales[i]), to_float(total), acc);
  if constexpr (Type::kHasMinimum) {
    acc = fma(load(scales.m[i]), set1(block.scaled_sums[i]), acc);
  }
  return acc;
}

// The integer sums of the lines of a superblock from `line` on, before their codes.
template <class D, class Type, int kActs, int kPanels>
inline Sums<kActs, kPanels> start_sums(const TileActs<kActs>& acts, int line) {
  if constexpr (!D::template centred<Type>()) return zero_sums<kActs, kPanels>();
  Sums<kActs, kPanels> sums;
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) {
    const int group = line / D::template group_lines<Type>();
    const I32x16 start = broadcast_word(acts.starts[t] + 4 * group);
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) sums.v[t][p] = start;
  }
  return sums;
}

// A superblock of 256 elements.
template <class Type, int kActs, int kPanels>
[[gnu::noinline]] void tile256(const TileTask& task) {
  constexpr int kLines = Dot::lines<Type>();
  constexpr int kUnrolled = kLines < 8 ? 8 : kLines;
  const TileActs<kActs> acts(task);
  const Panel* panels = task.panels;
  auto totals = zero_sums<kActs, kPanels>();
  for (int first = 0; first < 64; first += kUnrolled) {
#pragma GCC unroll 8
    for (int line = first; line < first + kUnrolled; line += kLines) {
      auto sums = start_sums<Dot, Type, kActs, kPanels>(acts, line);
      add_steps<kLines, Type::kSigned>(panels, acts, line, sums);
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
        const int group = line / Dot::group_lines<Type>();
        const I32x16 scale = load_line(panels[p].scales.scale[group]);
#pragma GCC unroll 8
        for (int t = 0; t < kActs; ++t) Dot::fold<Type>(totals.v[t][p], sums.v[t][p], scale);
      }
    }
  }
  if constexpr (kHasBiasPairs<Dot, Type>) add_pairs<Type>(panels, acts, totals);
  auto minimums = zero_sums<kActs, kPanels>();
  if constexpr (Type::kPairs == Pairs::kMinimum) add_pairs<Type>(panels, acts, minimums);

  const bool fresh = task.depth == 0;
  float* out = task.out;
  const size_t stride = task.out_stride;
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t, out += stride) {
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
      float* at = out + kPanelRows * p;
      store(at, add_superblock<Type>(fresh ? set1(0.0F) : load(at), totals.v[t][p],
                                     minimums.v[t][p], acts.block[t]->scales[0], panels[p].scales));
    }
  }
}

// Up to eight blocks of 32 elements.
template <class Type, int kActs, int kPanels>
[[gnu::noinline]] void tile32(const TileTask& task) {
  constexpr int kLines = Dot::max_lines(Type::kMaxCode);
  const TileActs<kActs> acts(task);
  const Panel* panels = task.panels;
  float* out[kActs];
  F32x16 acc[kActs][kPanels];
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) {
    out[t] = task.out + static_cast<size_t>(t) * task.out_stride;
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
      acc[t][p] = task.depth == 0 ? set1(0.0F) : load(out[t] + kPanelRows * p);
    }
  }
  const int n_blocks = static_cast<int>(task.n_blocks);
  for (int block = 0; block < n_blocks; ++block) {
    Sums<kActs, kPanels> totals;
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) {
      const I32x16 start = start_block<Type>(*acts.block[t], block);
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) totals.v[t][p] = start;
    }
    if constexpr (Dot::kWideSums) {
      add_steps<8, Type::kSigned>(panels, acts, 8 * block, totals);
    } else {
#pragma GCC unroll 8
      for (int line = 0; line < 8; line += kLines) {
        auto sums = zero_sums<kActs, kPanels>();
        add_steps<kLines, Type::kSigned>(panels, acts, 8 * block + line, sums);
#pragma GCC unroll 8
        for (int t = 0; t < kActs; ++t) {
#pragma GCC unroll 8
          for (int p = 0; p < kPanels; ++p) Dot::fold(totals.v[t][p], sums.v[t][p]);
        }
      }
    }
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) {
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
        acc[t][p] =
            add_block<Type>(acc[t][p], totals.v[t][p], *acts.block[t], panels[p].scales, block);
      }
    }
  }
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) {
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) store(out[t] + kPanelRows * p, acc[t][p]);
  }
}

template <class Type, int kActs, int kPanels>
inline void run_tile(const TileTask& task) {
  if constexpr (kIsSuperblock<Type>) {
    tile256<Type, kActs, kPanels>(task);
  } else {
    tile32<Type, kActs, kPanels>(task);
  }
}

}  // namespace
}  // namespace samovar::kernels
