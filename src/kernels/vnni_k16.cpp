// SPDX-License-Identifier: Apache-2.0
#include "kernels/rows_avx512.h"
// The dot product over those rows:
#include "kernels/dot_vnni.inc.h"
// The matrix product over that dot product:
#include "kernels/panel_matmul.inc.h"
#include "kernels/type_id.inc.h"
#include "kernels/unpack_k16.inc.h"

namespace samovar::kernels {

void install_vnni_k16(KernelTable& table) {
  table.matmul[kTypeQ2_K] = panel_matmul<UnpackQ2_K>;
  table.matmul[kTypeQ3_K] = panel_matmul<UnpackQ3_K>;
  table.matmul[kTypeQ6_K] = panel_matmul<UnpackQ6_K>;
}

}  // namespace samovar::kernels
