#include "kernels/product.h"

#include <algorithm>

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
      codes_(static_cast<size_t>(shape.k * n_tokens)),
      scales_(static_cast<size_t>(shape.k / 32), 0.01F),
      sums_(static_cast<size_t>(shape.k / 16)),
      out_(static_cast<size_t>(shape.n * n_tokens)) {
  for (size_t i = 0; i < codes_.size(); ++i) codes_[i] = static_cast<int8_t>(i % 251 % 101 - 50);
  for (int64_t t = 0; t < n_tokens; ++t) {
    acts_.push_back(
        {values_.data() + t * shape.k, codes_.data() + t * shape.k, scales_.data(), sums_.data()});
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
