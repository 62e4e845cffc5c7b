// Every float kernel of one level. Include after that level's vec_<isa>.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/attention.inc.h"
#include "kernels/float_matmul.inc.h"
#include "kernels/float_ops.inc.h"
#include "kernels/kv_store.inc.h"
#include "kernels/quantize.inc.h"
#include "kernels/table.h"
#include "kernels/type_id.inc.h"

namespace samovar::kernels {
namespace {

void install_float_family(KernelTable& table) {
  table.matmul[kTypeF32] = float_matmul<WeightsF32>;
  table.matmul[kTypeF16] = float_matmul<WeightsF16>;
  table.matmul[kTypeBF16] = float_matmul<WeightsBF16>;
  table.quantize_q8_32 = quantize_q8_32;
  table.quantize_q8_256 = quantize_q8_256;
  table.quantize_q8_256_many = quantize_q8_256;
  table.rms_norm = rms_norm;
  table.layer_norm = layer_norm;
  table.rope_norm = rope_norm;
  table.rope_neox = rope_neox;
  table.add = add;
  table.scale = scale;
  table.silu_mul = silu_mul;
  table.gelu_mul = gelu_mul;
  table.gelu = gelu;
  table.softcap = softcap;
  table.store_key = store_key;
  table.store_value = store_value;
  table.quantize_query = quantize_balanced;
  table.attn_page[static_cast<int>(KvType::kF32)] = attend_page<RowsF32>;
  table.attn_page[static_cast<int>(KvType::kF16)] = attend_page<RowsF16>;
  table.attn_finish = attn_finish;
}

}  // namespace
}  // namespace samovar::kernels
