// Query rows over one page of keys and values, running softmax. Needs math.inc.h.
//
// Scores have keys as lanes (the page holds keys transposed), weighted values have elements as
// lanes; kQueryRows rows share each load. A row's arithmetic is that of
// docs/formats/activations.md, whatever rows share its loads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/float_ops.inc.h"
#include "kernels/math.inc.h"
#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kQueryRows = 6;  // with kKeyLines x 16 keys: as many sums as the registers hold
constexpr int kPageLines = kPageTokens / 16;

struct RowsF32 {
  using Element = float;
  static F32x16 load16(const float* p, int n = 16) { return load(p, n); }
};
struct RowsF16 {
  using Element = uint16_t;
  static F32x16 load16(const uint16_t* p, int n = 16) { return load_f16(p, n); }
};

// Scores, then weights, of some rows.
template <int kRows>
struct Weights64 {
  alignas(64) float p[kRows][kPageTokens];
};

// Scores of kLines x 16 keys from `line` on: fma over d ascending.
template <class Rows, int kRows, int kLines>
inline void score_lines(const KvBlock& block, const AttnRow* rows, int line,
                        Weights64<kRows>& weights) {
  const float* q[kRows];
  F32x16 sum[kRows][kLines];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    q[r] = rows[r].q;
#pragma GCC unroll 8
    for (int c = 0; c < kLines; ++c) sum[r][c] = set1(0.0F);
  }
  const auto* key = static_cast<const typename Rows::Element*>(block.keys) + 16 * line;
  for (int64_t i = 0; i < block.d_k; ++i, key += kPageTokens) {
    F32x16 k[kLines];
#pragma GCC unroll 8
    for (int c = 0; c < kLines; ++c) k[c] = Rows::load16(key + 16 * c);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const F32x16 element = set1(q[r][i]);
#pragma GCC unroll 8
      for (int c = 0; c < kLines; ++c) sum[r][c] = fma(element, k[c], sum[r][c]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int c = 0; c < kLines; ++c) store(weights.p[r] + 16 * (line + c), sum[r][c]);
  }
}

// Scores of one row to weights; what lies outside the row's keys gets weight 0. Updates max, sums
// and acc.
inline void soften(const KvBlock& block, float cap, AttnRow& row, float* p) {
  constexpr float kNegativeInfinity = -__builtin_inff();
  if (cap > 0) softcap(p, cap, kPageTokens);
  for (int32_t t = 0; t < row.begin; ++t) p[t] = kNegativeInfinity;
  for (int32_t t = row.end; t < kPageTokens; ++t) p[t] = kNegativeInfinity;
  F32x16 largest = set1(kNegativeInfinity);
#pragma GCC unroll 4
  for (int c = 0; c < kPageLines; ++c) largest = max_of(largest, load(p + 16 * c));
  const float page_max = reduce_max(largest);
  if (page_max > row.max) {
    float factor[16];
    store(factor, exp16(set1(row.max - page_max)));
    row.max = page_max;
    scale(row.sums, factor[0], 16);
    scale(row.acc, factor[0], block.d_v);
  }
  F32x16 sums = load(row.sums);
#pragma GCC unroll 4
  for (int c = 0; c < kPageLines; ++c) {
    const F32x16 weight = exp16(load(p + 16 * c) - set1(row.max));
    store(p + 16 * c, weight);
    sums = sums + weight;
  }
  store(row.sums, sums);
}

// acc[j] = fma(p[t], v[t][j], acc[j]) for t = begin..end-1 ascending, kWidth x 16 columns from j
// on.
template <class Rows, int kRows, int kWidth>
inline void add_columns(const KvBlock& block, const AttnRow* rows, const float* const* p, int64_t j,
                        int tail, int64_t begin, int64_t end) {
  F32x16 sum[kRows][kWidth];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int c = 0; c < kWidth; ++c) sum[r][c] = load(rows[r].acc + j + 16 * c, tail);
  }
  const auto* v = static_cast<const typename Rows::Element*>(block.values) + begin * block.d_v + j;
  for (int64_t t = begin; t < end; ++t, v += block.d_v) {
    F32x16 value[kWidth];
#pragma GCC unroll 8
    for (int c = 0; c < kWidth; ++c) value[c] = Rows::load16(v + 16 * c, tail);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const F32x16 weight = set1(p[r][t]);
#pragma GCC unroll 8
      for (int c = 0; c < kWidth; ++c) sum[r][c] = fma(weight, value[c], sum[r][c]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int c = 0; c < kWidth; ++c) store(rows[r].acc + j + 16 * c, sum[r][c], tail);
  }
}

template <class Rows, int kRows>
inline void add_values(const KvBlock& block, const AttnRow* rows, const float* const* p,
                       int64_t begin, int64_t end) {
  if (begin >= end) return;
  constexpr int64_t kWide = int64_t{16} * kKeyLines;
  int64_t j = 0;
  for (; j + kWide <= block.d_v; j += kWide) {
    add_columns<Rows, kRows, kKeyLines>(block, rows, p, j, 16, begin, end);
  }
  for (; j + 16 <= block.d_v; j += 16) {
    add_columns<Rows, kRows, 1>(block, rows, p, j, 16, begin, end);
  }
  if (j < block.d_v) {
    add_columns<Rows, kRows, 1>(block, rows, p, j, static_cast<int>(block.d_v - j), begin, end);
  }
}

template <class Rows, int kRows>
void attend_rows(const AttnPage& page, AttnRow* rows) {
  const KvBlock& block = page.block;
  Weights64<kRows> weights;
  const float* p[kRows];
  int64_t first = kPageTokens, last = 0;  // keys that any row sees
  int64_t begin = 0, end = kPageTokens;   // keys that all rows see
  for (int r = 0; r < kRows; ++r) {
    p[r] = weights.p[r];
    first = rows[r].begin < first ? rows[r].begin : first;
    last = rows[r].end > last ? rows[r].end : last;
    begin = rows[r].begin > begin ? rows[r].begin : begin;
    end = rows[r].end < end ? rows[r].end : end;
  }
  const int last_line = static_cast<int>((last + 15) / 16);
  int line = static_cast<int>(first / 16);
  for (; line + kKeyLines <= last_line; line += kKeyLines) {
    score_lines<Rows, kRows, kKeyLines>(block, rows, line, weights);
  }
  for (; line < last_line; ++line) score_lines<Rows, kRows, 1>(block, rows, line, weights);
  for (int r = 0; r < kRows; ++r) soften(block, page.softcap, rows[r], weights.p[r]);
  // No row may meet a value it does not see, not even with weight 0: 0 x infinity is not 0.
  end = begin < end ? end : begin;
  for (int r = 0; r < kRows; ++r) {
    const AttnRow& row = rows[r];
    add_values<Rows, 1>(block, &row, p + r, row.begin, row.end < begin ? row.end : begin);
  }
  add_values<Rows, kRows>(block, rows, p, begin, end);
  for (int r = 0; r < kRows; ++r) {
    const AttnRow& row = rows[r];
    add_values<Rows, 1>(block, &row, p + r, row.begin > end ? row.begin : end, row.end);
  }
}

template <class Rows>
void attend_page(const AttnPage& page, AttnRow* rows, int64_t n_rows) {
  for (; n_rows >= kQueryRows; n_rows -= kQueryRows, rows += kQueryRows) {
    attend_rows<Rows, kQueryRows>(page, rows);
  }
  for (; n_rows >= 3; n_rows -= 3, rows += 3) attend_rows<Rows, 3>(page, rows);
  for (; n_rows >= 1; --n_rows, ++rows) attend_rows<Rows, 1>(page, rows);
}

void attn_finish(AttnRow* rows, int64_t n_rows, int64_t d_v) {
  for (int64_t r = 0; r < n_rows; ++r) {
    const F32x16 sum = set1(reduce_add(load(rows[r].sums)));
    float* acc = rows[r].acc;
    for_each_16(d_v,
                [&](int64_t j, int count) { store(acc + j, load(acc + j, count) / sum, count); });
  }
}

}  // namespace
}  // namespace samovar::kernels
