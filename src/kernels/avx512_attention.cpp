// SPDX-License-Identifier: Apache-2.0
#include "kernels/rows_avx512.h"
// The products of int16 pairs over those lines:
#include "kernels/dot_maddubs.inc.h"
// Attention over those products:
#include "kernels/attention_codes.inc.h"

namespace samovar::kernels {

void install_avx512_attention(KernelTable& table) {
  table.attn_page[static_cast<int>(KvType::kI16)] = attend_codes<Halves>;
  table.attn_page[static_cast<int>(KvType::kQ8_0)] = attend_codes<Bytes>;
}

}  // namespace samovar::kernels
