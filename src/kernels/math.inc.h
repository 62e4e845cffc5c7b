// exp, tanh, silu and gelu over F32x16, with the same bits at every level. Needs a vec_<isa>.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace samovar::kernels {
namespace {

// e^x, error below 1 ulp for normal results; 0 below -104, infinity above 89, NaN for NaN.
// x = n ln 2 + r; e^r = 1 + r + r^2 P(r), P minimax of degree 4 on |r| <= ln 2 / 2 (error 3e-9).
inline F32x16 exp16(F32x16 x) {
  x = max_of(set1(-104.0F), min_of(set1(89.0F), x));
  const F32x16 shifted = fma(x, set1(0x1.715476p+0F), set1(kRoundToInt));
  const F32x16 n = shifted - set1(kRoundToInt);
  const F32x16 high = fma(n, set1(-0x1.62e4p-1F), x);
  const F32x16 r = fma(n, set1(-0x1.7f7d1cp-20F), high);
  F32x16 p = fma(r, set1(0x1.6a1f5ep-10F), set1(0x1.123cccp-7F));
  p = fma(r, p, set1(0x1.555904p-5F));
  p = fma(r, p, set1(0x1.55548ep-3F));
  p = fma(r, p, set1(0x1.fffffcp-2F));
  p = fma(r * r, p, r);
  return mul_pow2(p + set1(1.0F), shifted);
}

// 2^x, error below 1e-7, exact at 0; what is below 2^-64, and NaN, gives 2^-64. REQUIRES: x < 100.
// P minimax of degree 5 on |r| <= 1/2.
inline F32x16 exp2_16(F32x16 x) {
  x = max_of(x, set1(-64.0F));
  const F32x16 shifted = x + set1(kRoundToInt);
  const F32x16 r = x - (shifted - set1(kRoundToInt));
  F32x16 p = fma(r, set1(0x1.5bba14p-10F), set1(0x1.3cea88p-7F));
  p = fma(r, p, set1(0x1.c6b752p-5F));
  p = fma(r, p, set1(0x1.ebf9bcp-3F));
  p = fma(r, p, set1(0x1.62e42ap-1F));
  return add_pow2(fma(r, p, set1(1.0F)), shifted);
}

// tanh x. Below 0.625 the odd polynomial of Cephes tanhf, above it 1 - 2 / (e^2x + 1).
inline F32x16 tanh16(F32x16 x) {
  const F32x16 magnitude = abs(x);
  const F32x16 z = x * x;
  F32x16 p = fma(z, set1(-5.70498872745e-3F), set1(2.06390887954e-2F));
  p = fma(z, p, set1(-5.37397155531e-2F));
  p = fma(z, p, set1(1.33314422036e-1F));
  p = fma(z, p, set1(-3.33332819422e-1F));
  const F32x16 small = fma(p * z, x, x);
  const F32x16 e = exp16(magnitude + magnitude);
  const F32x16 large = set1(1.0F) - set1(2.0F) / (e + set1(1.0F));
  return select_less(magnitude, set1(0.625F), small, copysign(large, x));
}

// x * sigmoid(x).
inline F32x16 silu16(F32x16 x) {
  return x / (set1(1.0F) + exp16(set1(0.0F) - x));
}

// x / 2 * (1 + tanh(u)), u = sqrt(2 / pi) (x + 0.044715 x^3), as x / (1 + e^-2u): no cancellation.
inline F32x16 gelu16(F32x16 x) {
  const F32x16 cubic = fma(x * x, set1(0.044715F), set1(1.0F)) * x;
  return x / (set1(1.0F) + exp16(cubic * set1(-1.595769122F)));
}

inline F32x16 softcap16(F32x16 x, float cap) {
  return set1(cap) * tanh16(x / set1(cap));
}

}  // namespace
}  // namespace samovar::kernels
