// SPDX-License-Identifier: Apache-2.0
#include "kernels/vec_avx2.h"
// The kernels over that F32x16:
#include "kernels/float_family.inc.h"

namespace samovar::kernels {

void install_avx2_float(KernelTable& table) {
  install_float_family(table);
}

}  // namespace samovar::kernels
