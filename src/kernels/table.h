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

// 256 elements of a quantized activation row; the last block of a row may be filled in part only
// (kQ8_32). What a product needs stands together, so that a tile follows one pointer per row.
struct alignas(64) ActBlock {
  int8_t codes[256];     // -127..127; value ~ scale * code
  int16_t sums[16];      // of 16 codes
  int16_t wide_sums[8];  // of 32 codes
  float scales[8];       // kQ8_32: of 32 elements each; kQ8_256: scales[0] of all
  float scaled_sums[8];  // kQ8_32: scales[i] * wide_sums[i]
};
inline constexpr int64_t kActBlock = 256;

// Where the codes of kQ8_256 stand.
enum class CodeOrder : uint8_t {
  kAscending,
  kPaired,  // two of the first 128, two of the second, and so on: 0 1 128 129 2 3 130 131 ...
};

// One activation row. BORROWS; the unused member is null.
struct ActRow {
  const float* values;     // [K] f32: kF32
  const ActBlock* blocks;  // [ceil(K / 256)]: kQ8_32, kQ8_256
};

// out[t * out_stride + r] = dot(weight row r, activation row t) for r in 0..n_rows-1, t in
// 0..n_acts-1. `weights` is the first of n_rows rows in the file's own block layout, row_bytes
// apart, at any alignment. REQUIRES: k is a multiple of the type's block. The kernel may tile as it
// likes: each output depends on its own row and activation only. Codes of kQ8_256 are in ascending
// order for one activation row, else in the order of KernelTable::code_order.
using MatmulFn = void (*)(const void* weights, size_t row_bytes, int64_t n_rows, const ActRow* acts,
                          int64_t n_acts, int64_t k, float* out, int64_t out_stride);

// Quantizes one row of k elements into its blocks. REQUIRES: k is a multiple of the format's 32 or
// 256.
using QuantizeFn = void (*)(const float* x, int64_t k, ActBlock* blocks);

// What the KV cache holds: docs/formats/kv-cache.md.
enum class KvType : uint8_t {
  kF32,   // as they are
  kF16,   // as other engines store them; computed with in f32
  kI16,   // int16 codes with a scale per position and head, multiplied as integers
  kQ8_0,  // int8 codes with an f16 scale for 32 elements, multiplied as integers
};
inline constexpr int kKvTypes = 4;
inline constexpr int64_t kKvGroup = 32;     // elements with one scale in kQ8_0
inline constexpr int64_t kPageTokens = 64;  // tokens of one KV page; also the softmax block

// The keys and values of one head in one page. BORROWS. 64-byte aligned for kI16 and
// kQ8_0, whose codes have the same places.
struct KvBlock {
  KvType type;
  int64_t d_k, d_v;
  // kF32, kF16: [d_k, kPageTokens], transposed, so that scores have keys as lanes.
  // codes: [ceil(d_k / 2), kPageTokens, 2], the element behind an odd d_k being 0.
  void* keys;
  // kF32, kF16: [kPageTokens, d_v].
  // codes: [kPageTokens / 2, d_v rounded up to 16, 2]: pairs of neighbouring positions.
  void* values;
  // A key ~ scale * codes. kI16: [kPageTokens] f32. kQ8_0: [ceil(d_k / kKvGroup), kPageTokens] f16.
  void* key_scales;
  void* value_scales;  // the same of values and d_v
};

// One query head of one token while it walks over the pages: flash-style running softmax.
struct AttnRow {
  const float* q;          // [d_k] f32, already scaled: kF32, kF16
  const int16_t* q_codes;  // [2 * ceil(d_k / 2)]: kI16, kQ8_0
  float q_scale;           // of those codes
  float* acc;              // [d_v] sum of exp(score - max) * v; zeroed before the first page
  int32_t begin, end;      // the keys of the page at hand that it sees: 0 <= begin < end <=
                           // kPageTokens
  float max;       // largest score so far, of codes times log2 e; -inf before the first page
  float sums[16];  // lane t % 16: sum of exp(score - max) of key t of each page
};

// One step of that walk. softcap > 0: score = softcap * tanh(score / softcap). ALiBi slopes are not
// supported.
struct AttnPage {
  KvBlock block;
  const void* next;  // keys of the block that comes after it, to be fetched meanwhile; or null
  float softcap;
};

// Every row takes the page's keys begin..end-1 into its state. Rows do not depend on each other.
using AttnPageFn = void (*)(const AttnPage& page, AttnRow* rows, int64_t n_rows);

struct KernelTable {
  const char* level;  // "scalar", "avx2", "avx512", "vnni": of the best entry installed

  // Indexed by the value of DType; null for a type without a kernel.
  MatmulFn matmul[32];
  QuantizeFn quantize_q8_32;
  QuantizeFn quantize_q8_256;       // in ascending order
  QuantizeFn quantize_q8_256_many;  // in code_order, for a product with several rows
  CodeOrder code_order;
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

  // One key [d_k] or value [d_v] into position `slot` of its block.
  void (*store_key)(const float* x, const KvBlock& block, int64_t slot);
  void (*store_value)(const float* x, const KvBlock& block, int64_t slot);
  // A query's codes, [2 * ceil(n / 2)]; RETURNS their scale. Keys get theirs the same way.
  float (*quantize_query)(const float* x, int64_t n, int16_t* codes);
  AttnPageFn attn_page[kKvTypes];  // indexed by the value of KvType
  // acc /= sum of sums: what the rows attended to.
  void (*attn_finish)(AttnRow* rows, int64_t n_rows, int64_t d_v);

  // For benchmarks, the ceiling of a matrix product: multiply-adds of 8-bit integers in registers.
  // RETURNS how many `rounds` rounds did. Null at a level without such a loop.
  int64_t (*int8_peak)(int64_t rounds);
};

}  // namespace samovar::kernels
