// SPDX-License-Identifier: Apache-2.0
#include "kernels/rows_avx512.h"
// The dot product over those rows:
#include "kernels/dot_vnni.inc.h"
// The matrix product over that dot product:
#include "kernels/panel_matmul.inc.h"
#include "kernels/type_id.inc.h"
#include "kernels/unpack_iq4.inc.h"

namespace samovar::kernels {

void install_vnni_iq4(KernelTable& table) {
  table.matmul[kTypeIQ4_NL] = panel_matmul<UnpackIQ4_NL>;
  table.matmul[kTypeIQ4_XS] = panel_matmul<UnpackIQ4_XS>;
}

}  // namespace samovar::kernels
