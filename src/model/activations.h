// Activations: the rows of one matrix input, in each format that its weights want.
//
// Each row is prepared once and shared by all matrices that read it (q, k and v; gate and up).
// Format: docs/formats/activations.md. Thread: different rows may be prepared at the same time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.h"
#include "model/carver.h"
#include "tensor/tensor_view.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace samovar::model {

// Which of the ActFormat are wanted, one bit each.
class FormatSet {
 public:
  // Those of all present matrices.
  static FormatSet of(std::initializer_list<const TensorView*> weights);
  bool has(kernels::ActFormat format) const {
    return (bits_ >> static_cast<unsigned>(format) & 1U) != 0;
  }

 private:
  unsigned bits_ = 0;
};

class Activations {
 public:
  // Takes room for max_rows rows of at most max_k elements.
  void carve(Carver& carver, int64_t max_rows, int64_t max_k);

  // Makes row t of n_rows from x[k] in the formats of `formats`. kF32 keeps a pointer to `x`
  // itself.
  void prepare(const kernels::KernelTable& kernels, FormatSet formats, int64_t t, int64_t n_rows,
               const float* x, int64_t k);
  // The prepared rows, first row first.
  const kernels::ActRow* rows(kernels::ActFormat format) const {
    return forms_[static_cast<size_t>(format)].rows.data();
  }

 private:
  struct Form {
    std::span<kernels::ActRow> rows;      // [max_rows]
    std::span<kernels::ActBlock> blocks;  // [max_rows, row_blocks_]; kF32: none
  };
  int64_t row_blocks_ = 0;
  std::array<Form, 3> forms_;  // by ActFormat
};

}  // namespace samovar::model
