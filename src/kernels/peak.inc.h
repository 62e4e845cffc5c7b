// The densest loop of 8-bit multiply-adds: all operands in registers, nothing loaded, nothing
// scaled. Op: Vector, set1(byte), accumulate(sum, a) = sum + a * a.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/install.h"

#include <immintrin.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kPeakChains = 12;  // latency 4 to 5, two per cycle: at least ten

template <class Op>
int64_t int8_peak(int64_t rounds) {
  using Vector = typename Op::Vector;
  Vector sums[kPeakChains];
#pragma GCC unroll 12
  for (Vector& sum : sums) sum = Op::set1(0);
  Vector a = Op::set1(1);
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (Vector& sum : sums) {
      asm volatile("" : "+v"(a));  // hides the values from the optimiser
      sum = Op::accumulate(sum, a);
      asm volatile("" : "+v"(sum));
    }
  }
  return rounds * kPeakChains * static_cast<int64_t>(sizeof(Vector));
}

}  // namespace
}  // namespace samovar::kernels
