// Norms, rope and elementwise operations. Needs math.inc.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/math.inc.h"
#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

// f(first, count) for each 16 elements; count < 16 only for the last.
template <class F>
inline void for_each_16(int64_t n, F f) {
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) f(i, 16);
  if (i < n) f(i, static_cast<int>(n - i));
}

// Sum of f(first, count, lanes so far) over the lanes and tree of activations.md.
template <class F>
inline float sum_lanes(int64_t n, F f) {
  F32x16 lanes_sum = set1(0.0F);
  for_each_16(n, [&](int64_t i, int count) { lanes_sum = f(i, count, lanes_sum); });
  return reduce_add(lanes_sum);
}

void rms_norm(const float* x, const float* w, float eps, int64_t n, float* out) {
  const float squares = sum_lanes(n, [&](int64_t i, int count, F32x16 sum) {
    const F32x16 v = load(x + i, count);
    return fma(v, v, sum);
  });
  const float factor = 1.0F / __builtin_sqrtf(squares / static_cast<float>(n) + eps);
  for_each_16(n, [&](int64_t i, int count) {
    const F32x16 normed = load(x + i, count) * set1(factor);
    store(out + i, w != nullptr ? normed * load(w + i, count) : normed, count);
  });
}

void layer_norm(const float* x, const float* w, const float* b, float eps, int64_t n, float* out) {
  const float sum = sum_lanes(
      n, [&](int64_t i, int count, F32x16 so_far) { return so_far + load(x + i, count); });
  const float mean = sum / static_cast<float>(n);
  // Lanes past n must add nothing, so their difference is masked by storing only `count` of it.
  const float squares = sum_lanes(n, [&](int64_t i, int count, F32x16 so_far) {
    float difference[16] = {};
    store(difference, load(x + i, count) - set1(mean), count);
    const F32x16 v = load(difference);
    return fma(v, v, so_far);
  });
  const float factor = 1.0F / __builtin_sqrtf(squares / static_cast<float>(n) + eps);
  for_each_16(n, [&](int64_t i, int count) {
    const F32x16 normed = (load(x + i, count) - set1(mean)) * set1(factor);
    const F32x16 bias = b != nullptr ? load(b + i, count) : set1(0.0F);
    store(out + i, fma(normed, load(w + i, count), bias), count);
  });
}

inline void rotate(float* a, float* b, const float* cos_sin) {
  const float x = *a;
  const float y = *b;
  *a = fma(x, cos_sin[0], -(y * cos_sin[1]));
  *b = fma(y, cos_sin[0], x * cos_sin[1]);
}

void rope_norm(float* x, const float* cos_sin, int64_t n_rot) {
  for (int64_t i = 0; i < n_rot; i += 2) rotate(x + i, x + i + 1, cos_sin + i);
}

void rope_neox(float* x, const float* cos_sin, int64_t n_rot) {
  const int64_t half = n_rot / 2;
  for (int64_t i = 0; i < half; ++i) rotate(x + i, x + half + i, cos_sin + 2 * i);
}

void add(float* x, const float* y, int64_t n) {
  for_each_16(n, [&](int64_t i, int count) {
    store(x + i, load(x + i, count) + load(y + i, count), count);
  });
}

void scale(float* x, float factor, int64_t n) {
  for_each_16(
      n, [&](int64_t i, int count) { store(x + i, load(x + i, count) * set1(factor), count); });
}

// Flat, so that the polynomials' constants stay in registers over the loop.
[[gnu::flatten]] void silu_mul(float* gate, const float* up, int64_t n) {
  for_each_16(n, [&](int64_t i, int count) {
    store(gate + i, silu16(load(gate + i, count)) * load(up + i, count), count);
  });
}

[[gnu::flatten]] void gelu_mul(float* gate, const float* up, int64_t n) {
  for_each_16(n, [&](int64_t i, int count) {
    store(gate + i, gelu16(load(gate + i, count)) * load(up + i, count), count);
  });
}

[[gnu::flatten]] void gelu(float* x, int64_t n) {
  for_each_16(n, [&](int64_t i, int count) { store(x + i, gelu16(load(x + i, count)), count); });
}

void softcap(float* x, float cap, int64_t n) {
  for_each_16(
      n, [&](int64_t i, int count) { store(x + i, softcap16(load(x + i, count), cap), count); });
}

}  // namespace
}  // namespace samovar::kernels
