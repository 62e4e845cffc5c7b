// TensorView: a named shape over bytes that somebody else owns.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tensor/dtype.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace samovar {

// BORROWS data until the mapping behind it goes. Shape in GGUF order: dims[0] varies fastest, so a
// matrix that maps d_in to d_out has dims = {d_in, d_out} and d_out rows of d_in elements.
struct TensorView {
  DType dtype = DType::kF32;
  std::array<int64_t, 4> dims = {1, 1, 1, 1};
  const std::byte* data = nullptr;  // null: the tensor is absent
  size_t row_bytes = 0;             // B of one row of dims[0] elements

  bool present() const { return data != nullptr; }
  int64_t cols() const { return dims[0]; }
  int64_t rows() const { return dims[1] * dims[2] * dims[3]; }
  const std::byte* row(int64_t i) const { return data + static_cast<size_t>(i) * row_bytes; }
  // The data as f32. REQUIRES: dtype is kF32 and data is 4-byte aligned (the GGUF reader checks
  // it).
  const float* f32() const { return reinterpret_cast<const float*>(data); }
};

}  // namespace samovar
