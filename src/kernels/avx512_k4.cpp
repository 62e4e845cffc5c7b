// SPDX-License-Identifier: Apache-2.0
#include "kernels/rows_avx512.h"
// The dot product over those rows:
#include "kernels/dot_maddubs.inc.h"
// The matrix product over that dot product:
#include "kernels/panel_matmul.inc.h"
// The codes that it reads:
#include "kernels/quantize_paired.inc.h"
#include "kernels/type_id.inc.h"
#include "kernels/unpack_k4.inc.h"

namespace samovar::kernels {

void install_avx512_k4(KernelTable& table) {
  static_assert(Dot::kPaired);
  table.quantize_q8_256_many = quantize_q8_256_paired;
  table.code_order = CodeOrder::kPaired;
  table.matmul[kTypeQ4_K] = panel_matmul<UnpackQ4_K>;
  table.matmul[kTypeQ5_K] = panel_matmul<UnpackQ5_K>;
}

}  // namespace samovar::kernels
