// SPDX-License-Identifier: Apache-2.0
#include "kernels/rows_avx512.h"
// The dot product over those rows:
#include "kernels/dot_vnni.inc.h"
// The matrix product over that dot product:
#include "kernels/panel_matmul.inc.h"
#include "kernels/type_id.inc.h"
#include "kernels/unpack_32.inc.h"

namespace samovar::kernels {

void install_vnni_q32(KernelTable& table) {
  table.matmul[kTypeQ4_0] = panel_matmul<UnpackQ4_0>;
  table.matmul[kTypeQ4_1] = panel_matmul<UnpackQ4_1>;
  table.matmul[kTypeQ5_0] = panel_matmul<UnpackQ5_0>;
  table.matmul[kTypeQ5_1] = panel_matmul<UnpackQ5_1>;
  table.matmul[kTypeQ8_0] = panel_matmul<UnpackQ8_0>;
}

}  // namespace samovar::kernels
