// KernelTable: every inner loop of the engine, one function pointer each, chosen once per process.
//
// This header is included by units compiled for one instruction set, so it holds plain declarations
// only: no containers, no inline functions. All entries are pure: no allocation, no state, no
// threads. Scheduling lives in model/; a kernel gets pointers and a range of rows.
//
// Every level (scalar, avx2, avx512, vnni) gives the same bits: the order of every rounding is
// fixed in docs/formats/activations.md, and the tests compare each level with scalar exactly.
//
// Letters: K elements of a row, T activation rows (tokens), N weight rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {

// How activations enter a matrix product; which one depends on the weight type alone.
enum class ActFormat : uint8_t {
  kF32,     // weights F32, F16, BF16: activations as they are
  kQ8_32,   // one scale for 32 elements: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL
  kQ8_256,  // one scale for 256 elements: Q2_K to Q6_K, IQ4_XS
};

// One activation row. BORROWS; unused members are null.
struct ActRow {
  const float* values;  // [K] f32, kF32 only
  const int8_t* codes;  // [K], -127..127
  const float* scales;  // [K / 32] or [K / 256]; value ~ scale * code
  const int16_t* sums;  // [K / 16]: sum of the codes of each 16
};

// out[t * out_stride + r] = dot(weight row r, activation row t) for r in 0..n_rows-1, t in
// 0..n_acts-1. `weights` is the first of n_rows rows in the file's own block layout, row_bytes
// apart, at any alignment. REQUIRES: k is a multiple of the type's block. The kernel may tile as it
// likes: each output depends on its own row and activation only.
using MatmulFn = void (*)(const void* weights, size_t row_bytes, int64_t n_rows, const ActRow* acts,
                          int64_t n_acts, int64_t k, float* out, int64_t out_stride);

// Quantizes one row: fills codes[k], scales[k / block], sums[k / 16].
using QuantizeFn = void (*)(const float* x, int64_t k, int8_t* codes, float* scales, int16_t* sums);

enum class KvType : uint8_t { kF32, kF16 };
inline constexpr int64_t kPageTokens = 64;  // tokens of one KV page; also the softmax block

// Attention state of one query head while it walks over the pages: flash-style running softmax.
struct AttnState {
  float max;   // largest score so far; -inf before the first key
  float sum;   // sum of exp(score - max)
  float* acc;  // [d_v] sum of exp(score - max) * v; zeroed before the first page
};

// One query head against keys begin..end-1 of one page (0 <= begin < end <= kPageTokens).
// k_page: [kPageTokens, d_k], v_page: [kPageTokens, d_v] in `type`; q: [d_k] f32, already scaled.
// softcap > 0: score = softcap * tanh(score / softcap). alibi slopes are not supported.
using AttnPageFn = void (*)(const float* q, const void* k_page, const void* v_page, KvType type,
                            int64_t d_k, int64_t d_v, int64_t begin, int64_t end, float softcap,
                            AttnState* state);

struct KernelTable {
  const char* level;  // "scalar", "avx2", "avx512", "vnni": of the best entry installed

  // Indexed by the value of DType; null for a type without a kernel.
  MatmulFn matmul[32];
  QuantizeFn quantize_q8_32;
  QuantizeFn quantize_q8_256;
  // One row of any supported type to f32 (embedding look-up): as tensor/decode.h, bit-equal.
  void (*decode_row)(uint32_t dtype, const void* row, int64_t n, float* out);

  // out[i] = x[i] / sqrt(mean(x^2) + eps) * w[i]; w may be null (1). `out` may be `x`.
  void (*rms_norm)(const float* x, const float* w, float eps, int64_t n, float* out);
  // out[i] = (x[i] - mean) / sqrt(var + eps) * w[i] + b[i]; b may be null (0). `out` may be `x`.
  void (*layer_norm)(const float* x, const float* w, const float* b, float eps, int64_t n,
                     float* out);

  // Rotates the first n_rot of one head, in place. cos_sin: [n_rot / 2] pairs (cos, sin), magnitude
  // scaling included. norm: pairs (2i, 2i+1), as "llama"; neox: pairs (i, i + n_rot / 2).
  void (*rope_norm)(float* x, const float* cos_sin, int64_t n_rot);
  void (*rope_neox)(float* x, const float* cos_sin, int64_t n_rot);

  // Elementwise, in place on `x`.
  void (*add)(float* x, const float* y, int64_t n);           // x += y
  void (*scale)(float* x, float factor, int64_t n);           // x *= factor
  void (*silu_mul)(float* gate, const float* up, int64_t n);  // gate = silu(gate) * up
  void (*gelu_mul)(float* gate, const float* up, int64_t n);  // gate = gelu_tanh(gate) * up
  void (*gelu)(float* x, int64_t n);                          // tanh form
  void (*softcap)(float* x, float cap, int64_t n);            // x = cap * tanh(x / cap)

  // f32 -> the KV cache's type.
  void (*store_kv)(const float* x, KvType type, int64_t n, void* out);
  AttnPageFn attn_page;

  // For benchmarks, the ceiling of a matrix product: multiply-adds of 8-bit integers in registers.
  // RETURNS how many `rounds` rounds did. Null at a level without such a loop.
  int64_t (*int8_peak)(int64_t rounds);
};

}  // namespace samovar::kernels
