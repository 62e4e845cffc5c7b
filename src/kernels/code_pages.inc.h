// How pages of int16 and int8 codes are read: lines, scales, and the next page ahead of time. Needs
// I32x16.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kQueryRows = 6;  // with kKeyLines x 16 keys: as many sums as the registers hold
constexpr int kPageLines = kPageTokens / 16;

// How a page holds codes: lines of 16 pairs, as int16 in a register, and a scale for a position and
// kGroup elements.
struct Halves {
  static constexpr int64_t kGroup = int64_t{1} << 32;  // one for all
  static constexpr int64_t kLineBytes = 64;
  static I32x16 load_pairs(const uint8_t* p) { return load_line(p); }
  static F32x16 scales(const void* all, int64_t /*group*/, int line) {
    return load(static_cast<const float*>(all) + 16 * line);
  }
  static int64_t scale_bytes(int64_t /*d*/) { return 4 * kPageTokens; }
};
struct Bytes {
  static constexpr int64_t kGroup = kKvGroup;
  static constexpr int64_t kLineBytes = 32;
  static I32x16 load_pairs(const uint8_t* p) { return load_bytes_line(p); }
  static F32x16 scales(const void* all, int64_t group, int line) {
    return load_f16(static_cast<const uint16_t*>(all) + group * kPageTokens + 16 * line);
  }
  static int64_t scale_bytes(int64_t d) { return (d + kGroup - 1) / kGroup * 2 * kPageTokens; }
};

inline int64_t end_of_group(int64_t begin, int64_t group, int64_t d) {
  return d - begin < group ? d : begin + group;
}

// The next block, fetched into L2 step by step while rows run over this one: pages lie far apart,
// so the CPU's own prefetching starts anew in each.
struct Ahead {
  uintptr_t at, end;  // address 0: nothing
  int lines;          // per step

  template <class Codes>
  static Ahead of(const AttnPage& page, int64_t n_rows) {
    if (page.next == nullptr || n_rows == 0) return {};
    const KvBlock& block = page.block;
    const int64_t n_loads =
        (block.d_k + 1) / 2 * kPageLines + (block.d_v + 15) / 16 * (kPageTokens / 2);
    const int64_t n_lines = (n_loads * Codes::kLineBytes + Codes::scale_bytes(block.d_k) +
                             Codes::scale_bytes(block.d_v)) /
                            64;
    const int64_t n_steps = n_loads / kKeyLines * ((n_rows + kQueryRows - 1) / kQueryRows);
    const auto at = reinterpret_cast<uintptr_t>(page.next);
    return {at, at + 64 * static_cast<uintptr_t>(n_lines),
            1 + static_cast<int>((n_lines - 1) / n_steps)};
  }
  void step() {
    for (int i = 0; i < lines && at < end; ++i, at += 64) prefetch_far(at);
  }
};

}  // namespace
}  // namespace samovar::kernels
