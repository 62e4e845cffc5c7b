// select(): the kernel table of one instruction-set level.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.h"
#include "sys/cpu.h"
#include "tensor/dtype.h"

namespace samovar::kernels {

// Scalar entries, with each level up to `max_level` installed over them where this build has it.
// REQUIRES: the CPU supports max_level (sys::choose_isa checks). Thread: pure; call once at start.
KernelTable select(sys::Isa max_level);

// The activation format that goes with a weight type.
ActFormat act_format(DType weights);
// What makes a row of that format for a product with n_acts rows. REQUIRES: format is not kF32.
QuantizeFn quantizer(const KernelTable& table, ActFormat format, int64_t n_acts);

}  // namespace samovar::kernels
