// Query rows over one page of int16 or int8 keys and values, running softmax. Needs I32x16 with a
// Dot, and math.inc.h.
//
// Sums of products are exact integers, so rows may share loads in any shape: kQueryRows rows, or
// fewer. What a row does in floating point is that of docs/formats/kv-cache.md and depends only on
// the keys it sees.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/code_pages.inc.h"
#include "kernels/math.inc.h"
#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr float kLog2E = 0x1.715476p+0F;
constexpr float kLowest = -0x1.fffffep127F;
// What the codes of a row's weights add up to: sums of their products with values stay near 2^30.
constexpr float kWeightCodes = 32767.0F;
constexpr float kSmallestTotal = 0x1p-100F;  // codes of weights that total less are zeros

alignas(64) constexpr float kSlots[kPageTokens] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

// Some rows at one page.
template <int kRows>
struct Crossing {
  alignas(64) float p[kRows][kPageTokens];          // scaled scores; exp(score - max)
  alignas(64) float shares[kRows][kPageTokens];     // p * value scale
  alignas(64) int16_t weights[kRows][kPageTokens];  // codes of the shares
  float total[kRows];                               // of the shares
  float scale[kRows];                               // of those codes
  float factor[kRows];                              // what the row's acc is multiplied with before
  int64_t first, last;                              // keys that any row sees: first..last-1
};

// What elements begin..end-1, one group, add to the scores of kLines x 16 keys from `line` on.
template <class Codes, int kRows, int kLines>
inline void score_group(const KvBlock& block, const AttnRow* rows, int line, int64_t begin,
                        int64_t end, Crossing<kRows>& crossing, Ahead& ahead) {
  const int16_t* q[kRows];
  I32x16 sum[kRows][kLines];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    q[r] = rows[r].q_codes;
#pragma GCC unroll 8
    for (int c = 0; c < kLines; ++c) sum[r][c] = zero_lines();
  }
  constexpr int64_t kPairBytes = Codes::kLineBytes * kPageLines;
  const auto* key =
      static_cast<const uint8_t*>(block.keys) + begin / 2 * kPairBytes + Codes::kLineBytes * line;
  for (int64_t i = begin; i < end; i += 2, key += kPairBytes) {
    ahead.step();
    I32x16 k[kLines];
#pragma GCC unroll 8
    for (int c = 0; c < kLines; ++c) k[c] = Codes::load_pairs(key + Codes::kLineBytes * c);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const I32x16 pair = broadcast_word(q[r] + i);
#pragma GCC unroll 8
      for (int c = 0; c < kLines; ++c) Dot::add_pairs(sum[r][c], k[c], pair);
    }
  }
  const int64_t group = begin / Codes::kGroup;
#pragma GCC unroll 8
  for (int c = 0; c < kLines; ++c) {
    const F32x16 scale = Codes::scales(block.key_scales, group, line + c);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      float* p = crossing.p[r] + 16 * (line + c);
      const F32x16 score = to_float(sum[r][c]);
      store(p, begin == 0 ? score * scale : fma(score, scale, load(p)));
    }
  }
}

// Scores of kLines x 16 keys from `line` on.
template <class Codes, int kRows, int kLines>
inline void score_lines(const KvBlock& block, const AttnRow* rows, int line,
                        Crossing<kRows>& crossing, Ahead& ahead) {
  for (int64_t begin = 0; begin < block.d_k;) {
    const int64_t end = end_of_group(begin, Codes::kGroup, block.d_k);
    score_group<Codes, kRows, kLines>(block, rows, line, begin, end, crossing, ahead);
    begin = end;
  }
}

// `lanes` of the 16 slots from 16 * line on; `other` where the row does not see the slot.
inline F32x16 seen(const AttnRow& row, int line, F32x16 lanes, F32x16 other) {
  const F32x16 slot = load(kSlots + 16 * line);
  lanes = select_less(slot, set1(static_cast<float>(row.begin)), other, lanes);
  return select_less(slot, set1(static_cast<float>(row.end)), lanes, other);
}

// Raises the row's maximum to `page_max`; RETURNS what its sums so far are multiplied with.
inline float raise_max(AttnRow& row, float page_max) {
  if (!(page_max > row.max)) return 1.0F;
  float factor[16];
  store(factor, exp2_16(set1(row.max - page_max)));
  row.max = page_max;
  return factor[0];
}

// Softmax of a page goes over all rows in steps, each short enough for the CPU to overlap the
// reductions of some rows.

inline bool sees_all(const AttnRow& row) {
  return row.begin == 0 && row.end == kPageTokens;
}
// What the scaled scores of a row are multiplied with.
inline float unit_of(const AttnPage& page, const AttnRow& row) {
  return page.softcap > 0 ? kLog2E : row.q_scale * kLog2E;
}

// Finds the largest score, after the cap. Updates max.
template <int kRows>
inline void scale_scores(const AttnPage& page, AttnRow& row, int r, Crossing<kRows>& crossing) {
  F32x16 largest = set1(kLowest);
#pragma GCC unroll 4
  for (int c = 0; c < kPageLines; ++c) {
    F32x16 s = load(crossing.p[r] + 16 * c);
    if (page.softcap > 0) s = softcap16(s * set1(row.q_scale), page.softcap);
    if (!sees_all(row)) s = seen(row, c, s, set1(kLowest));
    store(crossing.p[r] + 16 * c, s);
    largest = max_of(largest, s);
  }
  crossing.factor[r] = raise_max(row, reduce_max(largest) * unit_of(page, row));
}

// Scores to exp(score - max). Updates sums.
template <int kRows>
inline void weigh(const AttnPage& page, AttnRow& row, int r, Crossing<kRows>& crossing) {
  const F32x16 unit = set1(unit_of(page, row)), max = set1(-row.max);
  F32x16 sums = load(row.sums) * set1(crossing.factor[r]);
#pragma GCC unroll 4
  for (int c = 0; c < kPageLines; ++c) {
    F32x16 p = exp2_16(fma(load(crossing.p[r] + 16 * c), unit, max));
    if (!sees_all(row)) p = seen(row, c, p, set1(0.0F));
    store(crossing.p[r] + 16 * c, p);
    sums = sums + p;
  }
  store(row.sums, sums);
}

// What a row takes of each position's values, of one group of elements.
template <class Codes, int kRows>
inline void share_out(const KvBlock& block, const AttnRow& row, int r, int64_t group,
                      Crossing<kRows>& crossing) {
  F32x16 totals = set1(0.0F);
#pragma GCC unroll 4
  for (int c = 0; c < kPageLines; ++c) {
    F32x16 share = load(crossing.p[r] + 16 * c) * Codes::scales(block.value_scales, group, c);
    if (!sees_all(row)) share = seen(row, c, share, set1(0.0F));
    store(crossing.shares[r] + 16 * c, share);
    totals = totals + share;
  }
  crossing.total[r] = reduce_add(totals);
}

template <int kRows>
inline void round_weights(int r, Crossing<kRows>& crossing) {
  const float total = crossing.total[r];
  const bool any = total >= kSmallestTotal && total <= -kLowest;
  const F32x16 inverse = set1(any ? kWeightCodes / total : 0.0F);
  crossing.scale[r] = any ? total * (1.0F / kWeightCodes) : 0.0F;
#pragma GCC unroll 4
  for (int c = 0; c < kPageLines; ++c) {
    store_rounded(crossing.weights[r] + 16 * c, load(crossing.shares[r] + 16 * c) * inverse);
  }
}

// acc = acc * factor + scale * sum of weight codes times value codes of all pairs of
// positions that a row sees, kWidth x 16 columns from j on, `count` of the last 16.
template <class Codes, int kRows, int kWidth>
inline void add_columns(const KvBlock& block, const AttnRow* rows, const Crossing<kRows>& crossing,
                        int64_t j, int count, Ahead& ahead) {
  const int64_t pair_bytes = (block.d_v + 15) / 16 * Codes::kLineBytes;
  I32x16 sum[kRows][kWidth];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int c = 0; c < kWidth; ++c) sum[r][c] = zero_lines();
  }
  const int64_t begin = crossing.first / 2, end = (crossing.last + 1) / 2;
  const auto* v =
      static_cast<const uint8_t*>(block.values) + begin * pair_bytes + j / 16 * Codes::kLineBytes;
  const int16_t* weights = crossing.weights[0];
  for (int64_t t = begin; t < end; ++t, v += pair_bytes) {
    ahead.step();
    I32x16 value[kWidth];
#pragma GCC unroll 8
    for (int c = 0; c < kWidth; ++c) value[c] = Codes::load_pairs(v + Codes::kLineBytes * c);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const I32x16 pair = broadcast_word(weights + r * kPageTokens + 2 * t);
#pragma GCC unroll 8
      for (int c = 0; c < kWidth; ++c) Dot::add_pairs(sum[r][c], value[c], pair);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    const F32x16 factor = set1(crossing.factor[r]);
    const F32x16 scale = set1(crossing.scale[r]);
#pragma GCC unroll 8
    for (int c = 0; c < kWidth; ++c) {
      float* acc = rows[r].acc + j + 16 * c;
      store(acc, fma(to_float(sum[r][c]), scale, load(acc, count) * factor), count);
    }
  }
}

// Values, group by group. One that a row does not see meets a weight of 0, and codes are finite
// whatever they are.
template <class Codes, int kRows>
inline void add_values(const KvBlock& block, const AttnRow* rows, Crossing<kRows>& crossing,
                       Ahead& ahead) {
  constexpr int kWidth = 16 * kKeyLines < Codes::kGroup ? kKeyLines : Codes::kGroup / 16;
  for (int64_t j = 0; j < block.d_v;) {
    const int64_t group = j / Codes::kGroup;
    const int64_t end = end_of_group(j, Codes::kGroup, block.d_v);
    for (int r = 0; r < kRows; ++r) share_out<Codes>(block, rows[r], r, group, crossing);
    for (int r = 0; r < kRows; ++r) round_weights(r, crossing);
    for (; j + 16 * kWidth <= end; j += 16 * kWidth) {
      add_columns<Codes, kRows, kWidth>(block, rows, crossing, j, 16, ahead);
    }
    for (; j < end; j += 16) {
      const int count = end - j < 16 ? static_cast<int>(end - j) : 16;
      add_columns<Codes, kRows, 1>(block, rows, crossing, j, count, ahead);
    }
    j = end;
  }
}

template <class Codes, int kRows>
void attend_rows(const AttnPage& page, AttnRow* rows, Ahead& ahead) {
  const KvBlock& block = page.block;
  Crossing<kRows> crossing;
  crossing.first = kPageTokens;
  crossing.last = 0;
  for (int r = 0; r < kRows; ++r) {
    crossing.first = rows[r].begin < crossing.first ? rows[r].begin : crossing.first;
    crossing.last = rows[r].end > crossing.last ? rows[r].end : crossing.last;
  }
  const int last_line = static_cast<int>((crossing.last + 15) / 16);
  int line = static_cast<int>(crossing.first / 16);
  for (; line + kKeyLines <= last_line; line += kKeyLines) {
    score_lines<Codes, kRows, kKeyLines>(block, rows, line, crossing, ahead);
  }
  for (; line < last_line; ++line) score_lines<Codes, kRows, 1>(block, rows, line, crossing, ahead);
  for (int r = 0; r < kRows; ++r) scale_scores(page, rows[r], r, crossing);
  for (int r = 0; r < kRows; ++r) weigh(page, rows[r], r, crossing);
  add_values<Codes, kRows>(block, rows, crossing, ahead);
}

template <class Codes>
void attend_codes(const AttnPage& page, AttnRow* rows, int64_t n_rows) {
  Ahead ahead = Ahead::of<Codes>(page, n_rows);
  for (; n_rows >= kQueryRows; n_rows -= kQueryRows, rows += kQueryRows) {
    attend_rows<Codes, kQueryRows>(page, rows, ahead);
  }
  for (; n_rows >= 4; n_rows -= 4, rows += 4) attend_rows<Codes, 4>(page, rows, ahead);
  for (; n_rows >= 2; n_rows -= 2, rows += 2) attend_rows<Codes, 2>(page, rows, ahead);
  for (; n_rows >= 1; --n_rows, ++rows) attend_rows<Codes, 1>(page, rows, ahead);
}

}  // namespace
}  // namespace samovar::kernels
