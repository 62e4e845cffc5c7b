// One query head over one KV page, running softmax. Needs math.inc.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/float_ops.inc.h"
#include "kernels/math.inc.h"
#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

struct RowsF32 {
  using Element = float;
  static F32x16 load16(const float* p, int n) { return load(p, n); }
};
struct RowsF16 {
  using Element = uint16_t;
  static F32x16 load16(const uint16_t* p, int n) { return load_f16(p, n); }
};

// acc[j] = fma(p[t], v[t][j], acc[j]) for t ascending, kWidth * 16 columns held in registers.
template <class Rows, int kWidth>
inline void accumulate_columns(const float* p, const typename Rows::Element* v, int64_t d_v,
                               int64_t n_keys, int tail, float* acc) {
  F32x16 sum[kWidth];
#pragma GCC unroll 8
  for (int c = 0; c < kWidth; ++c) sum[c] = load(acc + 16 * c, tail);
  for (int64_t t = 0; t < n_keys; ++t, v += d_v) {
    const F32x16 weight = set1(p[t]);
#pragma GCC unroll 8
    for (int c = 0; c < kWidth; ++c) sum[c] = fma(weight, Rows::load16(v + 16 * c, tail), sum[c]);
  }
#pragma GCC unroll 8
  for (int c = 0; c < kWidth; ++c) store(acc + 16 * c, sum[c], tail);
}

template <class Rows>
inline void accumulate_values(const float* p, const typename Rows::Element* v, int64_t d_v,
                              int64_t n_keys, float* acc) {
  int64_t j = 0;
  for (; j + 64 <= d_v; j += 64) accumulate_columns<Rows, 4>(p, v + j, d_v, n_keys, 16, acc + j);
  for (; j + 16 <= d_v; j += 16) accumulate_columns<Rows, 1>(p, v + j, d_v, n_keys, 16, acc + j);
  if (j < d_v) {
    accumulate_columns<Rows, 1>(p, v + j, d_v, n_keys, static_cast<int>(d_v - j), acc + j);
  }
}

template <class Rows>
inline float dot_key(const float* q, const typename Rows::Element* key, int64_t d_k) {
  return sum_lanes(d_k, [&](int64_t i, int count, F32x16 sum) {
    return fma(load(q + i, count), Rows::load16(key + i, count), sum);
  });
}

template <class Rows>
void attend(const float* q, const typename Rows::Element* k, const typename Rows::Element* v,
            int64_t d_k, int64_t d_v, int64_t n_keys, float cap, AttnState* state) {
  constexpr float kNegativeInfinity = -__builtin_inff();
  alignas(64) float p[kPageTokens];  // scores, then their weights
  for (int64_t t = 0; t < n_keys; ++t) p[t] = dot_key<Rows>(q, k + t * d_k, d_k);
  if (cap > 0) softcap(p, cap, n_keys);
  for (int64_t t = n_keys; t % 16 != 0; ++t) p[t] = kNegativeInfinity;

  F32x16 largest = set1(kNegativeInfinity);
  for (int64_t t = 0; t < n_keys; t += 16) largest = max_of(largest, load(p + t));
  const float page_max = reduce_max(largest);
  if (page_max > state->max) {
    float factor[16];
    store(factor, exp16(set1(state->max - page_max)));
    state->max = page_max;
    state->sum *= factor[0];
    scale(state->acc, factor[0], d_v);
  }
  for (int64_t t = 0; t < n_keys; t += 16) store(p + t, exp16(load(p + t) - set1(state->max)));
  for (int64_t t = 0; t < n_keys; ++t) state->sum += p[t];
  accumulate_values<Rows>(p, v, d_v, n_keys, state->acc);
}

void attn_page(const float* q, const void* k_page, const void* v_page, KvType type, int64_t d_k,
               int64_t d_v, int64_t begin, int64_t end, float cap, AttnState* state) {
  const int64_t k_first = begin * d_k;
  const int64_t v_first = begin * d_v;
  if (type == KvType::kF16) {
    attend<RowsF16>(q, static_cast<const uint16_t*>(k_page) + k_first,
                    static_cast<const uint16_t*>(v_page) + v_first, d_k, d_v, end - begin, cap,
                    state);
  } else {
    attend<RowsF32>(q, static_cast<const float*>(k_page) + k_first,
                    static_cast<const float*>(v_page) + v_first, d_k, d_v, end - begin, cap, state);
  }
}

}  // namespace
}  // namespace samovar::kernels
