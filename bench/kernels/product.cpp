#include "kernels/product.h"

#include <algorithm>
#include <iterator>

namespace samovar::bench {

Product::Product(const kernels::KernelTable& table, const Shape& shape, int64_t n_tokens,
                 std::span<const std::byte> memory)
    : matmul_(table.matmul[static_cast<size_t>(shape.type)]),
      shape_(shape),
      n_tokens_(n_tokens),
      memory_(memory),
      row_bytes_(row_bytes(shape.type, shape.k)),
      matrix_bytes_(row_bytes_ * static_cast<size_t>(shape.n)),
      values_(static_cast<size_t>(shape.k * n_tokens), 0.5F),
      out_(static_cast<size_t>(shape.n * n_tokens)) {
  const int64_t row_blocks = (shape.k + kernels::kActBlock - 1) / kernels::kActBlock;
  kernels::ActBlock block = {};
  for (size_t i = 0; i < std::size(block.codes); ++i) {
    block.codes[i] = static_cast<int8_t>(i % 101 - 50);
  }
  std::fill(std::begin(block.scales), std::end(block.scales), 0.01F);
  blocks_.resize(static_cast<size_t>(row_blocks * n_tokens), block);
  for (int64_t t = 0; t < n_tokens; ++t) {
    acts_.push_back({values_.data() + t * shape.k, blocks_.data() + t * row_blocks});
  }
}

// As ForwardPass::rows_per_chunk for one thread.
int64_t Product::rows_per_call() const {
  return n_tokens_ >= 16 ? 64 : std::clamp(shape_.n / 8 / 16 * 16, int64_t{16}, int64_t{512});
}

void Product::run() {
  if (at_ + matrix_bytes_ > memory_.size()) at_ = 0;
  const std::byte* weights = memory_.data() + at_;
  at_ += matrix_bytes_;
  for (int64_t begin = 0; begin < shape_.n; begin += rows_per_call()) {
    const int64_t n = std::min(rows_per_call(), shape_.n - begin);
    matmul_(weights + static_cast<size_t>(begin) * row_bytes_, row_bytes_, n, acts_.data(),
            n_tokens_, shape_.k, out_.data() + begin, shape_.n);
  }
}

}  // namespace samovar::bench
