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

inline SixteenRows sixteen_rows(RowBlocks rows) {
  return {rows.p, rows.stride};
}

// The block of 32 that `rows` are at, and the prefetch that goes with it. Moves `rows` on.
template <class Type, class Sink>
inline void unpack_block(SixteenRows& rows, int block, const NextRows& next, Scales& scales,
                         Sink& sink) {
  constexpr size_t kBlock = sizeof(typename Type::Block);
  const auto pair = static_cast<size_t>(block);
  next.fetch<8 * kBlock>(2 * pair);
  next.fetch<8 * kBlock>(2 * pair + 1);
  Type::unpack(rows, block, scales, sink);
  rows.advance(kBlock);
}

template <class Type>
inline void unpack_panel(RowBlocks blocks, int64_t n_blocks, const NextRows& next, Panel& panel) {
  StoreLines sink = {panel.codes};
  SixteenRows rows = sixteen_rows(blocks);
  if constexpr (kIsSuperblock<Type>) {
    Type::unpack(rows, next, panel.scales, sink);
  } else {
    for (int block = 0; block < n_blocks; ++block) {
      unpack_block<Type>(rows, block, next, panel.scales, sink);
    }
  }
}

// The rows from `row` on, at element `first`.
template <class Type>
inline RowBlocks row_blocks(const MatmulTask& task, int64_t row, int64_t first) {
  constexpr int64_t kBlockElements = kPanelElements / kBlocksPerPanel<Type>;
  const size_t offset = static_cast<size_t>(first / kBlockElements) * sizeof(typename Type::Block);
  return {task.weights + static_cast<size_t>(row) * task.row_bytes + offset, task.row_bytes};
}
inline int rows_of_panel(const MatmulTask& task, int64_t row) {
  const int64_t left = task.n_rows - row;
  return static_cast<int>(left < 0 ? 0 : left < kPanelRows ? left : kPanelRows);
}

// The rows of a panel for few activations: lane j holds row `first` + j * `step`.
//
// `step` rows follow each other in memory and are taken by one lane, panel after panel, so each
// lane reads a stream without gaps. The CPU's own prefetcher follows such streams and has far more
// lines under way than software prefetches can have: sixteen neighbouring rows at a time, which
// jump within a page, reached 0.6 to 0.8 of the speed.
struct Lanes {
  int64_t first;
  int64_t step;
  int n;  // lanes in use
};

// How many panels to take from row `row` on with one step: all, but one less where the lanes would
// meet in the same few sets of L1. 0: too few rows are left to fill the lanes.
inline int64_t lane_step(const MatmulTask& task, int64_t row) {
  constexpr size_t kSetsBytes = 2048;  // half of the address bits that choose a set
  const int64_t step = (task.n_rows - row) / kPanelRows;
  const size_t apart = static_cast<size_t>(step) * task.row_bytes % kSetsBytes;
  const bool collide = apart < 64 || apart > kSetsBytes - 64;
  return step > 1 && collide ? step - 1 : step;
}

// The first bytes of each lane, at once: nothing has asked for them before.
inline void fetch_starts(const MatmulTask& task, const Lanes& lanes) {
  constexpr size_t kStartBytes = 640;
  const auto start =
      reinterpret_cast<uintptr_t>(task.weights) + static_cast<size_t>(lanes.first) * task.row_bytes;
  const size_t stride = static_cast<size_t>(lanes.step) * task.row_bytes;
  const size_t n_bytes = stride < kStartBytes ? stride : kStartBytes;
  for (size_t at = 0; at < n_bytes; at += 64) {
    for (size_t j = 0; j < kPanelRows; ++j) prefetch(start + j * stride + at);
  }
}

// Calls body(lanes) for panels that cover all rows.
template <class Body>
inline void for_each_panel(const MatmulTask& task, const Body& body) {
  for (int64_t row = 0; row < task.n_rows;) {
    const int64_t step = lane_step(task, row);
    if (step == 0) return body(Lanes{row, 1, static_cast<int>(task.n_rows - row)});
    fetch_starts(task, {row, step, kPanelRows});
    for (int64_t i = 0; i < step; ++i) body(Lanes{row + i, step, kPanelRows});
    row += kPanelRows * step;
  }
}

// The lanes' blocks from element `first` on.
template <class Type>
inline RowBlocks lane_blocks(const MatmulTask& task, const Lanes& lanes, int64_t first) {
  RowBlocks rows = row_blocks<Type>(task, lanes.first, first);
  rows.stride *= static_cast<size_t>(lanes.step);
  return rows;
}

// What each lane reads later: some 600 bytes, at a whole depth, since nearer is too late on
// machines that read fast; two depths where lanes are short, since what lies behind their ends is
// fetched in vain. REQUIRES: lanes follow each other, so that the stride is the length of each.
template <class Type>
inline NextRows next_in_lanes(RowBlocks rows) {
  constexpr size_t kDepthBytes =
      static_cast<size_t>(kBlocksPerPanel<Type>) * sizeof(typename Type::Block);
  constexpr size_t kFar = (600 + kDepthBytes / 2) / kDepthBytes * kDepthBytes;
  constexpr size_t kLongLane = 8192;
  const size_t ahead = rows.stride >= kLongLane ? kFar : 2 * kDepthBytes;
  return {reinterpret_cast<uintptr_t>(rows.p) + ahead, rows.stride};
}

// The lanes' results to `out`, which stands at the matrix's row 0.
inline void store_lanes(float* out, const Lanes& lanes, const float* values) {
  for (int j = 0; j < lanes.n; ++j) out[lanes.first + j * lanes.step] = values[j];
}

// Blocks of each row in the depth that starts at element `first`.
template <class Type>
inline int64_t blocks_at(const MatmulTask& task, int64_t first) {
  const int64_t left = (task.k - first) * kBlocksPerPanel<Type> / kPanelElements;
  return left < kBlocksPerPanel<Type> ? left : kBlocksPerPanel<Type>;
}

}  // namespace
}  // namespace samovar::kernels
