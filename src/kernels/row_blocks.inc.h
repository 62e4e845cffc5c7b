// A matrix product and the walk over its weights: sixteen rows, 256 elements deep, at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/panel.inc.h"
#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int64_t kPanelElements = 256;

template <class Type>
constexpr bool kIsSuperblock = requires {
  Type::kPairs;
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

// Sixteen rows that may be loaded whole: where their blocks start.
struct RowBlocks {
  const uint8_t* p;
  size_t stride;
};

// The last rows of a matrix: a copy with zero rows after them, so that no load passes the end.
template <class Type>
struct PaddedRows {
  static constexpr size_t kBlock = sizeof(typename Type::Block);
  uint8_t rows[kPanelRows][static_cast<size_t>(kBlocksPerPanel<Type>) * kBlock];

  RowBlocks copy(RowBlocks from, int n_rows, int64_t n_blocks) {
    __builtin_memset(rows, 0, sizeof rows);
    for (int r = 0; r < n_rows; ++r) {
      __builtin_memcpy(rows[r], from.p + static_cast<size_t>(r) * from.stride,
                       static_cast<size_t>(n_blocks) * kBlock);
    }
    return {rows[0], sizeof rows[0]};
  }
};

// One block of 32 of each row, and the prefetch that goes with it.
template <class Type, class Sink>
inline void unpack_block(RowBlocks rows, int block, const NextRows& next, Scales& scales,
                         Sink& sink) {
  constexpr size_t kBlock = sizeof(typename Type::Block);
  const auto pair = static_cast<size_t>(block);
  next.fetch<8 * kBlock>(2 * pair);
  next.fetch<8 * kBlock>(2 * pair + 1);
  Type::unpack(rows.p + pair * kBlock, rows.stride, block, scales, sink);
}

// The rows from `row` on, at element `first`.
template <class Type>
inline RowBlocks row_blocks(const MatmulTask& task, int64_t row, int64_t first) {
  constexpr int64_t kBlockElements = kPanelElements / kBlocksPerPanel<Type>;
  const size_t offset = static_cast<size_t>(first / kBlockElements) * sizeof(typename Type::Block);
  return {task.weights + static_cast<size_t>(row) * task.row_bytes + offset, task.row_bytes};
}
inline NextRows next_rows(RowBlocks rows, int64_t rows_ahead) {
  return {reinterpret_cast<uintptr_t>(rows.p) + static_cast<size_t>(rows_ahead) * rows.stride,
          rows.stride};
}
inline int rows_of_panel(const MatmulTask& task, int64_t row) {
  const int64_t left = task.n_rows - row;
  return static_cast<int>(left < 0 ? 0 : left < kPanelRows ? left : kPanelRows);
}

// Blocks of each row in the depth that starts at element `first`.
template <class Type>
inline int64_t blocks_at(const MatmulTask& task, int64_t first) {
  const int64_t left = (task.k - first) * kBlocksPerPanel<Type> / kPanelElements;
  return left < kBlocksPerPanel<Type> ? left : kBlocksPerPanel<Type>;
}

}  // namespace
}  // namespace samovar::kernels
