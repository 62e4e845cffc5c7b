// Product: one matrix product as a thread of the engine runs it, over weights that stream by.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/shapes.h"
#include "kernels/table.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace samovar::bench {

class Product {
 public:
  // `memory` holds the weights, any bytes that are ordinary numbers as f16, bf16 and f32; BORROWED.
  // REQUIRES: a matrix fits into it, and the table has a kernel for its type.
  Product(const kernels::KernelTable& table, const Shape& shape, int64_t n_tokens,
          std::span<const std::byte> memory);

  // The next matrix of the memory, all its rows.
  void run();

  double macs() const { return static_cast<double>(shape_.k * shape_.n * n_tokens_); }
  double weight_bytes() const { return static_cast<double>(matrix_bytes_); }

 private:
  int64_t rows_per_call() const;

  kernels::MatmulFn matmul_;
  Shape shape_;
  int64_t n_tokens_;
  std::span<const std::byte> memory_;
  size_t row_bytes_, matrix_bytes_, at_ = 0;
  std::vector<float> values_;              // [n_tokens, k] f32
  std::vector<kernels::ActBlock> blocks_;  // [n_tokens, ceil(k / 256)], for both quantized formats
  std::vector<kernels::ActRow> acts_;      // [n_tokens]
  std::vector<float> out_;                 // [n_tokens, n]
};

}  // namespace samovar::bench
