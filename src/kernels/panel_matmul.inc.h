// The MatmulFn of every quantized type. Needs rows_<isa>.h, a Dot and the type's unpacker.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/few_acts.inc.h"
#include "kernels/many_acts.inc.h"
#include "kernels/table.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

template <class Type>
void panel_matmul(const void* weights, size_t row_bytes, int64_t n_rows, const ActRow* acts,
                  int64_t n_acts, int64_t k, float* out, int64_t out_stride) {
  const MatmulTask task = {
      static_cast<const uint8_t*>(weights), row_bytes, n_rows, acts, n_acts, k, out, out_stride};
  if (n_acts <= kFewActs) {
    few_acts<Type>(task);
  } else {
    many_acts<Type>(task);
  }
}

}  // namespace
}  // namespace samovar::kernels
