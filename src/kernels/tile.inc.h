// Tiles: kActs activation rows against kPanels panels of 16 weight rows, over one panel's depth.
//
// The order of arithmetic is that of docs/formats/activations.md: int32 inside a scale block, then
// one fma per block into the accumulators, which live in the caller's `out` between panels. Needs a
// Dot.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/panel.inc.h"
#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

// Where a tile works. `out` is at the first activation row and weight row of the tile.
struct TileTask {
  const Panel* panels;
  const int* panel_rows;  // rows of each panel that exist, 0..16
  const ActRow* acts;
  int64_t first;     // element of the row where the panels begin
  int64_t n_blocks;  // blocks of 32 in the panels
  float* out;
  int64_t out_stride;
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
inline void add_steps(const TileTask& task, const int8_t* const (&codes)[kActs], int line,
                      Sums<kActs, kPanels>& sums) {
#pragma GCC unroll 8
  for (int step = 0; step < kSteps; ++step) {
    I32x16 w[kPanels];
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) w[p] = load_line(task.panels[p].codes[line + step]);
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) {
      const I32x16 a = broadcast_word(codes[t] + 4 * (line + step));
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
        sums.v[t][p] = Dot::step<kSigned>(sums.v[t][p], w[p], a);
      }
    }
  }
}

// Sum over j of panel.pairs[j] x the code sums of 32 elements.
template <int kActs, int kPanels>
inline void add_pairs(const TileTask& task, Sums<kActs, kPanels>& totals) {
  for (int j = 0; j < 8; ++j) {
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) {
      const I32x16 a = broadcast_word(task.acts[t].sums + task.first / 16 + 2 * j);
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
        totals.v[t][p] =
            Dot::add_pairs(totals.v[t][p], load_line(task.panels[p].scales.pairs[j]), a);
      }
    }
  }
}

// acc + the float part of one superblock.
template <class Type>
inline F32x16 add_superblock(F32x16 acc, I32x16 total, I32x16 minimum, float act_scale,
                             const Scales& scales) {
  const F32x16 scale = set1(act_scale);
  acc = fma(load(scales.d[0]) * scale, to_float(total), acc);
  if constexpr (Type::kPairs == Pairs::kMinimum) {
    acc = fnma(load(scales.m[0]) * scale, to_float(minimum), acc);
  }
  return acc;
}

// The integer sum of a block of 32 before its codes: minus the bias times the sum of the
// activations.
template <class Type>
inline I32x16 start_block(const int16_t* code_sums) {
  if constexpr (Type::kBias == 0) return zero_lines();
  return Dot::add_pairs(zero_lines(), broadcast_word(code_sums), set1_half(-Type::kBias));
}

// acc + the float part of block number `block` of 32 elements.
template <class Type>
inline F32x16 add_block(F32x16 acc, I32x16 total, float act_scale, const int16_t* code_sums,
                        const Scales& scales, int block) {
  const F32x16 scale = set1(act_scale);
  acc = fma(load(scales.d[block]) * scale, to_float(total), acc);
  if constexpr (Type::kHasMinimum) {
    const int32_t sum = code_sums[0] + code_sums[1];
    acc = fma(load(scales.m[block]) * scale, set1(static_cast<float>(sum)), acc);
  }
  return acc;
}

// A superblock of 256 elements.
template <class Type, int kActs, int kPanels>
void tile256(const TileTask& task) {
  constexpr int kLines = Type::kGroup / 4;
  constexpr int kFit = Dot::max_steps(Type::kMaxCode);
  constexpr int kSteps = kFit < kLines ? (kFit >= 4 ? 4 : kFit >= 2 ? 2 : 1) : kLines;
  const int8_t* codes[kActs];
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) codes[t] = task.acts[t].codes + task.first;

  Sums<kActs, kPanels> totals = zero_sums<kActs, kPanels>();
  for (int group = 0; group < 256 / Type::kGroup; ++group) {
#pragma GCC unroll 8
    for (int line = 0; line < kLines; line += kSteps) {
      Sums<kActs, kPanels> sums = zero_sums<kActs, kPanels>();
      add_steps<kSteps, Type::kSigned>(task, codes, kLines * group + line, sums);
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
        const I32x16 scale = load_line(task.panels[p].scales.scale[group]);
#pragma GCC unroll 8
        for (int t = 0; t < kActs; ++t) {
          totals.v[t][p] = Dot::fold(totals.v[t][p], sums.v[t][p], scale);
        }
      }
    }
  }
  if constexpr (Type::kPairs == Pairs::kBias) add_pairs(task, totals);
  Sums<kActs, kPanels> minimums = zero_sums<kActs, kPanels>();
  if constexpr (Type::kPairs == Pairs::kMinimum) add_pairs(task, minimums);

#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) {
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
      float* out = task.out + t * task.out_stride + kPanelRows * p;
      const F32x16 acc =
          add_superblock<Type>(load(out, task.panel_rows[p]), totals.v[t][p], minimums.v[t][p],
                               task.acts[t].scales[task.first / 256], task.panels[p].scales);
      store(out, acc, task.panel_rows[p]);
    }
  }
}

// Up to eight blocks of 32 elements.
template <class Type, int kActs, int kPanels>
void tile32(const TileTask& task) {
  constexpr int kFit = Dot::max_steps(Type::kMaxCode);
  constexpr int kSteps = kFit >= 8 ? 8 : kFit >= 4 ? 4 : 1;
  const int8_t* codes[kActs];
  const int16_t* code_sums[kActs];
  const float* scales[kActs];
  F32x16 acc[kActs][kPanels];
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) {
    codes[t] = task.acts[t].codes + task.first;
    code_sums[t] = task.acts[t].sums + task.first / 16;
    scales[t] = task.acts[t].scales + task.first / 32;
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
      acc[t][p] = load(task.out + t * task.out_stride + kPanelRows * p, task.panel_rows[p]);
    }
  }
  for (int block = 0; block < task.n_blocks; ++block) {
    Sums<kActs, kPanels> totals;
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) {
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
        totals.v[t][p] = start_block<Type>(code_sums[t] + 2 * block);
      }
    }
#pragma GCC unroll 8
    for (int line = 0; line < 8; line += kSteps) {
      Sums<kActs, kPanels> sums = zero_sums<kActs, kPanels>();
      add_steps<kSteps, Type::kSigned>(task, codes, 8 * block + line, sums);
#pragma GCC unroll 8
      for (int t = 0; t < kActs; ++t) {
#pragma GCC unroll 8
        for (int p = 0; p < kPanels; ++p) {
          totals.v[t][p] = Dot::fold(totals.v[t][p], sums.v[t][p]);
        }
      }
    }
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) {
#pragma GCC unroll 8
      for (int p = 0; p < kPanels; ++p) {
        acc[t][p] = add_block<Type>(acc[t][p], totals.v[t][p], scales[t][block],
                                    code_sums[t] + 2 * block, task.panels[p].scales, block);
      }
    }
  }
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) {
#pragma GCC unroll 8
    for (int p = 0; p < kPanels; ++p) {
      store(task.out + t * task.out_stride + kPanelRows * p, acc[t][p], task.panel_rows[p]);
    }
  }
}

}  // namespace
}  // namespace samovar::kernels
