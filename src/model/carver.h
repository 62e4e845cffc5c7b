// Carver: cuts one block of memory into aligned arrays; over no memory at all, it only measures.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace samovar::model {

class Carver {
 public:
  // BORROWS `base`; null: take() hands out empty spans, and used_bytes() is what would be needed.
  explicit Carver(std::byte* base) : base_(base) {}

  // n elements, 64-byte aligned when the base is. Sizes come from a validated config and options.
  template <class T>
  std::span<T> take(int64_t n) {
    const uint64_t offset = used_bytes_;
    const uint64_t n_bytes = static_cast<uint64_t>(n) * sizeof(T);
    used_bytes_ += (n_bytes + kAlignment - 1) / kAlignment * kAlignment;
    if (base_ == nullptr) return {};
    return {reinterpret_cast<T*>(base_ + offset), static_cast<size_t>(n)};
  }
  uint64_t used_bytes() const { return used_bytes_; }

 private:
  static constexpr uint64_t kAlignment = 64;
  std::byte* base_;
  uint64_t used_bytes_ = 0;
};

}  // namespace samovar::model
