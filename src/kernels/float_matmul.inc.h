// Matrix product with float weights (F32, F16, BF16). Needs a vec_<isa>.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

// Sixteen weights from element i of a row, n of them valid. `row` may have any alignment.
struct WeightsF32 {
  static F32x16 load16(const uint8_t* row, int64_t i, int n) { return load(row + i * 4, n); }
};
struct WeightsF16 {
  static F32x16 load16(const uint8_t* row, int64_t i, int n) { return load_f16(row + i * 2, n); }
};
struct WeightsBF16 {
  static F32x16 load16(const uint8_t* row, int64_t i, int n) { return load_bf16(row + i * 2, n); }
};

struct FloatTask {
  const uint8_t* weights;
  size_t row_bytes;
  const ActRow* acts;
  int64_t k;
  float* out;
  int64_t out_stride;
};

template <class Weights, int kRows, int kActs>
void float_tile(const FloatTask& task, int64_t row, int64_t act) {
  const uint8_t* w = task.weights + static_cast<size_t>(row) * task.row_bytes;
  F32x16 sum[kRows][kActs];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) sum[r][t] = set1(0.0F);
  }
  const auto step = [&](int64_t i, int count) {
    F32x16 x[kActs];
#pragma GCC unroll 8
    for (int t = 0; t < kActs; ++t) x[t] = load(task.acts[act + t].values + i, count);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const F32x16 v = Weights::load16(w + static_cast<size_t>(r) * task.row_bytes, i, count);
#pragma GCC unroll 8
      for (int t = 0; t < kActs; ++t) sum[r][t] = fma(v, x[t], sum[r][t]);
    }
  };
  int64_t i = 0;
  for (; i + 16 <= task.k; i += 16) step(i, 16);
  if (i < task.k) step(i, static_cast<int>(task.k - i));
#pragma GCC unroll 8
  for (int t = 0; t < kActs; ++t) {
    float* out = task.out + (act + t) * task.out_stride + row;
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) out[r] = reduce_add(sum[r][t]);
  }
}

template <class Weights, int kRows>
void float_rows(const FloatTask& task, int64_t row, int64_t n_acts) {
  int64_t act = 0;
  for (; act + kMatmulActs <= n_acts; act += kMatmulActs) {
    float_tile<Weights, kRows, kMatmulActs>(task, row, act);
  }
  for (; act < n_acts; ++act) float_tile<Weights, kRows, 1>(task, row, act);
}

template <class Weights>
void float_matmul(const void* weights, size_t row_bytes, int64_t n_rows, const ActRow* acts,
                  int64_t n_acts, int64_t k, float* out, int64_t out_stride) {
  const FloatTask task = {
      static_cast<const uint8_t*>(weights), row_bytes, acts, k, out, out_stride};
  int64_t row = 0;
  for (; row + kMatmulRows <= n_rows; row += kMatmulRows) {
    float_rows<Weights, kMatmulRows>(task, row, n_acts);
  }
  for (; row < n_rows; ++row) float_rows<Weights, 1>(task, row, n_acts);
}

}  // namespace
}  // namespace samovar::kernels
