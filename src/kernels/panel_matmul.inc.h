// Matrix product over panels: for each few panels of rows and each 256 elements, unpack once, then
// run all activation rows over them. Needs a Dot and rows_<isa>.h. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "kernels/panel.inc.h"
#include "kernels/table.h"
#include "kernels/tile.inc.h"
#include "kernels/unpack_k.inc.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kGroupPanels = 4;  // panels unpacked together: 64 rows, 23 to 26 KB of L1
constexpr int64_t kPanelElements = 256;

template <class Type>
constexpr bool kIsSuperblock = requires {
  Type::kGroup;
};
template <class Type>
constexpr int64_t kBlocksPerPanel = kIsSuperblock<Type> ? 1 : 8;

struct MatmulTask {
  const uint8_t* weights;
  size_t row_bytes;
  int64_t n_rows;
  const ActRow* acts;
  int64_t n_acts;
  int64_t k;
  float* out;
  int64_t out_stride;
};

// One panel of `n_rows` (1..16) rows from their blocks at `p`.
template <class Type>
inline void unpack_full(const uint8_t* p, size_t stride, int64_t n_blocks, const NextRows& next,
                        Panel& panel) {
  if constexpr (kIsSuperblock<Type>) {
    Type::unpack(p, stride, next, panel);
  } else {
    for (int block = 0; block < n_blocks; ++block) {
      next.fetch<kBlocksPerPanel<Type> * sizeof(typename Type::Block)>(2 *
                                                                       static_cast<size_t>(block));
      next.fetch<kBlocksPerPanel<Type> * sizeof(typename Type::Block)>(
          2 * static_cast<size_t>(block) + 1);
      Type::unpack(p, stride, block, panel);
      p += sizeof(typename Type::Block);
    }
  }
}

template <class Type>
inline void unpack_panel(const uint8_t* p, size_t stride, int n_rows, int64_t n_blocks,
                         const NextRows& next, Panel& panel) {
  if (n_rows == kPanelRows) return unpack_full<Type>(p, stride, n_blocks, next, panel);
  // The last rows of the matrix: a copy with zero rows after them, so that no load passes the end.
  constexpr size_t kBytes =
      static_cast<size_t>(kBlocksPerPanel<Type>) * sizeof(typename Type::Block);
  uint8_t rows[kPanelRows][kBytes] = {};
  for (int r = 0; r < n_rows; ++r) {
    __builtin_memcpy(rows[r], p + static_cast<size_t>(r) * stride,
                     static_cast<size_t>(n_blocks) * sizeof(typename Type::Block));
  }
  unpack_full<Type>(rows[0], kBytes, n_blocks, next, panel);
}

// Up to kGroupPanels panels of rows and one depth of 256 elements.
struct Group {
  Panel panels[kGroupPanels];
  int panel_rows[kGroupPanels];  // rows of each panel that exist, 0..16
  int n_panels;                  // a multiple of kTilePanels, or 1 for one activation row
  int64_t row;                   // the group's first weight row
  int64_t first;                 // the depth's first element
  int64_t n_blocks;              // blocks in that depth
};

template <class Type>
void unpack_group(const MatmulTask& task, Group& group) {
  constexpr int64_t kBlockElements = kPanelElements / kBlocksPerPanel<Type>;
  const size_t offset =
      static_cast<size_t>(group.first / kBlockElements) * sizeof(typename Type::Block);
  const int64_t rows_ahead = int64_t{kPanelRows} * group.n_panels;
  for (int i = 0; i < group.n_panels; ++i) {
    const int64_t row = group.row + int64_t{kPanelRows} * i;
    if (row >= task.n_rows) {
      group.panel_rows[i] = 0;
      group.panels[i] = {};
      continue;
    }
    const int64_t rows = task.n_rows - row < kPanelRows ? task.n_rows - row : kPanelRows;
    group.panel_rows[i] = static_cast<int>(rows);
    const uint8_t* p = task.weights + static_cast<size_t>(row) * task.row_bytes + offset;
    const NextRows next = {
        reinterpret_cast<uintptr_t>(p) + static_cast<size_t>(rows_ahead) * task.row_bytes,
        task.row_bytes};
    unpack_panel<Type>(p, task.row_bytes, static_cast<int>(rows), group.n_blocks, next,
                       group.panels[i]);
  }
}

template <class Type, int kActs>
void run_acts(const MatmulTask& matmul, const Group& group, int64_t act) {
  constexpr int kPanels = kActs == 1 ? 1 : kTilePanels;
  for (int i = 0; i < group.n_panels && group.panel_rows[i] > 0; i += kPanels) {
    const TileTask task = {
        group.panels + i,
        group.panel_rows + i,
        matmul.acts + act,
        group.first,
        group.n_blocks,
        matmul.out + act * matmul.out_stride + group.row + int64_t{kPanelRows} * i,
        matmul.out_stride};
    if constexpr (kIsSuperblock<Type>) {
      tile256<Type, kActs, kPanels>(task);
    } else {
      tile32<Type, kActs, kPanels>(task);
    }
  }
}

// All activation rows over the unpacked panels. Eight are two tiles of four rather than six and
// two.
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

template <class Type>
void panel_matmul(const void* weights, size_t row_bytes, int64_t n_rows, const ActRow* acts,
                  int64_t n_acts, int64_t k, float* out, int64_t out_stride) {
  const MatmulTask task = {
      static_cast<const uint8_t*>(weights), row_bytes, n_rows, acts, n_acts, k, out, out_stride};
  for (int64_t t = 0; t < n_acts; ++t) {
    for (int64_t r = 0; r < n_rows; ++r) out[t * out_stride + r] = 0.0F;
  }
  constexpr int64_t kBlockElements = kPanelElements / kBlocksPerPanel<Type>;
  Group group;
  group.n_panels = n_acts == 1 ? 1 : n_acts < 4 ? kTilePanels : kGroupPanels;
  for (group.row = 0; group.row < n_rows; group.row += int64_t{kPanelRows} * group.n_panels) {
    for (group.first = 0; group.first < k; group.first += kPanelElements) {
      const int64_t left = (k - group.first) / kBlockElements;
      group.n_blocks = left < kBlocksPerPanel<Type> ? left : kBlocksPerPanel<Type>;
      unpack_group<Type>(task, group);
      run_group<Type>(task, group);
    }
  }
}

}  // namespace
}  // namespace samovar::kernels
