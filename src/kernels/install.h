// The one function that each kernel unit exports: writes its entries over those of lower levels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.h"

namespace samovar::kernels {

void install_scalar_float(KernelTable& table);
void install_scalar_quant(KernelTable& table);

}  // namespace samovar::kernels
