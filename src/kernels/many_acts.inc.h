// Several activation rows: for each few panels of weight rows, 256 elements deep, unpack once, then
// run all activations over them in tiles. Needs a Dot.
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

constexpr int kGroupPanels = 4;  // panels unpacked together: 64 rows, 23 to 26 KB of L1
static_assert(kGroupPanels % kTilePanels == 0);

// kGroupPanels panels of rows, the last ones perhaps empty, and one depth of 256 elements.
struct Group {
  Panel panels[kGroupPanels];
  int n_rows;        // of the matrix from `row` on; what lies past the panels counts too
  int64_t row;       // the group's first weight row
  int64_t first;     // the depth's first element
  int64_t n_blocks;  // blocks in that depth
};

// What follows `rows`: their next depth, or the first depth of the next group.
template <class Type>
inline NextRows next_depth(const MatmulTask& task, RowBlocks rows, const Group& group) {
  constexpr size_t kDepthBytes =
      static_cast<size_t>(kBlocksPerPanel<Type>) * sizeof(typename Type::Block);
  const auto address = reinterpret_cast<uintptr_t>(rows.p);
  if (group.first + kPanelElements < task.k) return {address + kDepthBytes, rows.stride};
  const size_t depths = static_cast<size_t>(group.first / kPanelElements) * kDepthBytes;
  return {address - depths + static_cast<size_t>(kPanelRows * kGroupPanels) * rows.stride,
          rows.stride};
}

template <class Type>
void unpack_group(const MatmulTask& task, Group& group) {
  for (int i = 0; i < kGroupPanels; ++i) {
    const int64_t row = group.row + int64_t{kPanelRows} * i;
    const int n_rows = rows_of_panel(task, row);
    if (n_rows == 0) {
      group.panels[i] = {};
      continue;
    }
    RowBlocks rows = row_blocks<Type>(task, row, group.first);
    const NextRows next = next_depth<Type>(task, rows, group);
    PaddedRows<Type> padded;
    if (n_rows < kPanelRows) rows = padded.copy(rows, n_rows, group.n_blocks);
    unpack_panel<Type>(rows, group.n_blocks, next, group.panels[i]);
  }
}

// A tile at the matrix's last rows, which end inside its panels: its sums live in a copy meanwhile.
template <class Type, int kActs>
void run_last_tile(const TileTask& task, int n_rows) {
  constexpr size_t kRows = static_cast<size_t>(kTilePanels) * kPanelRows;
  alignas(64) float sums[kActs][kRows] = {};
  for (size_t t = 0; t < kActs && task.depth > 0; ++t) {
    for (size_t r = 0; r < static_cast<size_t>(n_rows); ++r) {
      sums[t][r] = task.out[t * task.out_stride + r];
    }
  }
  TileTask whole = task;
  whole.out = sums[0];
  whole.out_stride = kRows;
  run_tile<Type, kActs, kTilePanels>(whole);
  for (size_t t = 0; t < kActs; ++t) {
    for (size_t r = 0; r < static_cast<size_t>(n_rows); ++r) {
      task.out[t * task.out_stride + r] = sums[t][r];
    }
  }
}

template <class Type, int kActs>
void run_acts(const MatmulTask& matmul, const Group& group, int64_t act) {
  constexpr int kRows = kTilePanels * kPanelRows;
  TileTask task = {group.panels,
                   matmul.acts + act,
                   static_cast<size_t>(group.first / kPanelElements),
                   group.n_blocks,
                   matmul.out + act * matmul.out_stride + group.row,
                   static_cast<size_t>(matmul.out_stride)};
  const GroupStarts<Dot, Type, kActs> starts(task);
  float* const out = task.out;
  for (int i = 0; i < kGroupPanels && group.n_rows > kPanelRows * i; i += kTilePanels) {
    task.panels = group.panels + i;
    task.out = out + kPanelRows * i;
    const int n_rows = group.n_rows - kPanelRows * i;
    if (n_rows >= kRows) {
      run_tile<Type, kActs, kTilePanels>(task);
    } else {
      run_last_tile<Type, kActs>(task, n_rows);
    }
  }
}

// All activation rows over the unpacked panels. The last eight are two tiles of four rather than
// six and two.
template <class Type>
void run_group(const MatmulTask& task, const Group& group) {
  for (int64_t act = 0; act < task.n_acts;) {
    const int64_t left = task.n_acts - act;
    if (left >= kTileActs && left != 8) {
      run_acts<Type, kTileActs>(task, group, act);
      act += kTileActs;
    } else if (left >= 4) {
      run_acts<Type, 4>(task, group, act);
      act += 4;
    } else if (left >= 2) {
      run_acts<Type, 2>(task, group, act);
      act += 2;
    } else {
      run_acts<Type, 1>(task, group, act);
      act += 1;
    }
  }
}

// The product over no elements.
inline void clear(const MatmulTask& task) {
  for (int64_t t = 0; t < task.n_acts; ++t) {
    for (int64_t r = 0; r < task.n_rows; ++r) task.out[t * task.out_stride + r] = 0.0F;
  }
}

template <class Type>
void many_acts(const MatmulTask& task) {
  if (task.k == 0) return clear(task);
  Group group;
  for (group.row = 0; group.row < task.n_rows; group.row += int64_t{kPanelRows} * kGroupPanels) {
    group.n_rows = static_cast<int>(task.n_rows - group.row);
    for (group.first = 0; group.first < task.k; group.first += kPanelElements) {
      group.n_blocks = blocks_at<Type>(task, group.first);
      unpack_group<Type>(task, group);
      run_group<Type>(task, group);
    }
  }
}

}  // namespace
}  // namespace samovar::kernels
