// The densest loop of 8-bit multiply-adds: all operands in registers, nothing loaded, nothing
// scaled. Op: Vector, set1(byte), accumulate(sum, a) = sum + a * a.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/install.h"

#include <stdint.h>

namespace samovar::kernels {
namespace {

constexpr int kPeakChains = 12;  // latency 4 to 5, two per cycle: at least ten

// Hides a value from the optimiser. An emulated vector (SAMOVAR_SIMDE) fits no register.
template <class Vector>
inline void hide(Vector& value) {
  if constexpr (sizeof value <= __BIGGEST_ALIGNMENT__) asm volatile("" : "+v"(value));
}

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
      hide(a);
      sum = Op::accumulate(sum, a);
      hide(sum);
    }
  }
  return rounds * kPeakChains * static_cast<int64_t>(sizeof(Vector));
}

}  // namespace
}  // namespace samovar::kernels
