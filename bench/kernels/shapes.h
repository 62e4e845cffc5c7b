// The matrices of the models that we measure with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tensor/dtype.h"

#include <cstdint>
#include <span>

namespace samovar::bench {

struct Shape {
  const char* model;
  const char* matrix;
  DType type;
  int64_t k, n;          // elements of a row, rows
  bool is_head = false;  // sees the few rows that want logits only
};

// Each type and size once, of the model that has it first.
std::span<const Shape> model_shapes();
// Every type that has kernels, small enough for the L1 cache: 16 rows of 1024.
std::span<const Shape> resident_shapes();

}  // namespace samovar::bench
