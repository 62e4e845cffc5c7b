// Quantized activations of 256 elements in paired order. Needs a vec_<isa>.h of x86.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/code_sums_x86.h"
#include "kernels/quantize.inc.h"
#include "kernels/table.h"

#include <stdint.h>

namespace samovar::kernels {
namespace {

void quantize_q8_256_paired(const float* x, int64_t k, ActBlock* blocks) {
  quantize_q8_256(x, k, blocks);
  for (int64_t i = 0; i < k / kActBlock; ++i) {
    int8_t ascending[kActBlock];
    __builtin_memcpy(ascending, blocks[i].codes, sizeof ascending);
    pair_halves(ascending, blocks[i].codes);
  }
}

}  // namespace
}  // namespace samovar::kernels
