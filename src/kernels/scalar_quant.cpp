// Matrix products with quantized weights, one row and one activation at a time: the definition that
// every other level is compared with. `out` holds the accumulators.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/codes.inc.h"
#include "kernels/table.h"
#include "kernels/type_id.inc.h"
#include "tensor/half.h"

namespace samovar::kernels {
namespace {

inline int32_t dot16(const int8_t* w, const int8_t* a) {
  int32_t sum = 0;
  for (int i = 0; i < 16; ++i) sum += w[i] * a[i];
  return sum;
}

// acc + one block of 32, block number i of the row.
template <class Block>
float add_block32(const Codes32& w, const ActRow& act, int64_t i, float acc) {
  const ActBlock& block = act.blocks[i / 8];
  const int8_t* codes = block.codes + 32 * (i % 8);
  const float scale = block.scales[i % 8];
  const int32_t sum = dot16(w.q, codes) + dot16(w.q + 16, codes + 16);
  acc = __builtin_fmaf(f16_to_f32(w.d) * scale, static_cast<float>(sum), acc);
  if constexpr (requires(Block b) { b.m; }) {
    acc = __builtin_fmaf(f16_to_f32(w.m), block.scaled_sums[i % 8], acc);
  }
  return acc;
}

// acc + one superblock of 256, number i of the row.
template <class Block>
float add_block256(const Codes256& w, const ActRow& act, int64_t i, float acc) {
  const ActBlock& block = act.blocks[i];
  int32_t sum = 0;
  for (int g = 0; g < 16; ++g) sum += w.scale[g] * dot16(w.q + 16 * g, block.codes + 16 * g);
  float value = f16_to_f32(w.d) * static_cast<float>(sum);
  if constexpr (requires(Block b) { b.dmin; }) {
    int32_t min_sum = 0;
    for (int g = 0; g < 16; ++g) min_sum += w.min[g] * block.sums[g];
    value = __builtin_fmaf(-f16_to_f32(w.dmin), static_cast<float>(min_sum), value);
  }
  return __builtin_fmaf(block.scales[0], value, acc);
}

template <class Block, class Codes>
void matmul(const void* weights, size_t row_bytes, int64_t n_rows, const ActRow* acts,
            int64_t n_acts, int64_t k, float* out, int64_t out_stride) {
  constexpr int64_t kElements = sizeof(Codes::q);
  const uint8_t* row = static_cast<const uint8_t*>(weights);
  for (int64_t r = 0; r < n_rows; ++r, row += row_bytes, ++out) {
    for (int64_t t = 0; t < n_acts; ++t) out[t * out_stride] = 0.0F;
    for (int64_t i = 0; i < k / kElements; ++i) {
      Block block;
      __builtin_memcpy(&block, row + static_cast<size_t>(i) * sizeof block, sizeof block);
      Codes codes;
      to_codes(block, codes);
      for (int64_t t = 0; t < n_acts; ++t) {
        float& acc = out[t * out_stride];
        if constexpr (kElements == 32) {
          acc = add_block32<Block>(codes, acts[t], i, acc);
        } else {
          acc = add_block256<Block>(codes, acts[t], i, acc);
        }
      }
    }
  }
}

}  // namespace

void install_scalar_quant(KernelTable& table) {
  table.matmul[kTypeQ4_0] = matmul<BlockQ4_0, Codes32>;
  table.matmul[kTypeQ4_1] = matmul<BlockQ4_1, Codes32>;
  table.matmul[kTypeQ5_0] = matmul<BlockQ5_0, Codes32>;
  table.matmul[kTypeQ5_1] = matmul<BlockQ5_1, Codes32>;
  table.matmul[kTypeQ8_0] = matmul<BlockQ8_0, Codes32>;
  table.matmul[kTypeIQ4_NL] = matmul<BlockIQ4_NL, Codes32>;
  table.matmul[kTypeQ2_K] = matmul<BlockQ2_K, Codes256>;
  table.matmul[kTypeQ3_K] = matmul<BlockQ3_K, Codes256>;
  table.matmul[kTypeQ4_K] = matmul<BlockQ4_K, Codes256>;
  table.matmul[kTypeQ5_K] = matmul<BlockQ5_K, Codes256>;
  table.matmul[kTypeQ6_K] = matmul<BlockQ6_K, Codes256>;
  table.matmul[kTypeIQ4_XS] = matmul<BlockIQ4_XS, Codes256>;
}

}  // namespace samovar::kernels
