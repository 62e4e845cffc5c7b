// SparseMemory: address space as large as a file, with memory only where its front has been put.
//
// What lies behind the front can be pointed at, never read: a read there is a bug and ends the
// process. Thread: one while it grows, then any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace samovar::sys {

class SparseMemory {
 public:
  // kTooLarge where this machine has no such address space.
  static Result<std::shared_ptr<SparseMemory>> create(uint64_t size_bytes);
  ~SparseMemory();
  SparseMemory(const SparseMemory&) = delete;
  SparseMemory& operator=(const SparseMemory&) = delete;

  // Puts `bytes` behind what is here. kInvalidArgument beyond the size.
  Status append(std::span<const std::byte> bytes);
  uint64_t front_bytes() const { return front_bytes_; }  // what is here
  // As large as the file; page-aligned.
  std::span<const std::byte> bytes() const { return {data_, size_bytes_}; }

 private:
  SparseMemory(std::byte* data, size_t size_bytes) : data_(data), size_bytes_(size_bytes) {}
  std::byte* const data_;
  const size_t size_bytes_;
  size_t front_bytes_ = 0;
  size_t writable_bytes_ = 0;
};

}  // namespace samovar::sys
