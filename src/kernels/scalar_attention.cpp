// SPDX-License-Identifier: Apache-2.0
#include "kernels/pairs_scalar.h"
// Attention over those products:
#include "kernels/attention_codes.inc.h"

namespace samovar::kernels {

void install_scalar_attention(KernelTable& table) {
  table.attn_page[static_cast<int>(KvType::kI16)] = attend_codes<Halves>;
  table.attn_page[static_cast<int>(KvType::kQ8_0)] = attend_codes<Bytes>;
}

}  // namespace samovar::kernels
