// SPDX-License-Identifier: Apache-2.0
#include "kernels/pairs_scalar.h"
// Attention over those products:
#include "kernels/attention_i16.inc.h"

namespace samovar::kernels {

void install_scalar_attention(KernelTable& table) {
  table.attn_page[static_cast<int>(KvType::kI16)] = attend_codes;
}

}  // namespace samovar::kernels
