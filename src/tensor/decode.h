// Scalar decoding of every storage type to f32, bit-equal with the format's reference.
//
// These few functions are the truth that every kernel is tested against. Source of each layout:
// tensor/block.h. Thread: pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tensor/dtype.h"

#include <cstddef>
#include <cstdint>

namespace samovar {

// Writes n_elements floats to `out`. REQUIRES: n_elements is a multiple of the block, `row` holds
// row_bytes(dtype, n_elements) readable bytes at any alignment.
void decode_row(DType dtype, const std::byte* row, int64_t n_elements, float* out);

}  // namespace samovar
