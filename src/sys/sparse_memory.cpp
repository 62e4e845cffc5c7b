// SPDX-License-Identifier: Apache-2.0
#include "sys/sparse_memory.h"

#include "base/checked.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>

namespace samovar::sys {
namespace {

constexpr size_t kStepBytes = size_t{1} << 20;  // what becomes writable at a time; whole pages

}  // namespace

Result<std::shared_ptr<SparseMemory>> SparseMemory::create(uint64_t size_bytes) {
  const auto size = checked_cast<size_t>(size_bytes);
  if (!size || *size == 0) return too_large("a file of no size that can be addressed");
  // Without access it is no memory that the kernel would have to promise.
  void* const data =
      mmap(nullptr, *size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) return too_large("a file larger than this machine can address");
  return std::shared_ptr<SparseMemory>(new SparseMemory(static_cast<std::byte*>(data), *size));
}

SparseMemory::~SparseMemory() {
  munmap(data_, size_bytes_);
}

Status SparseMemory::append(std::span<const std::byte> bytes) {
  if (bytes.size() > size_bytes_ - front_bytes_) {
    return invalid_argument("more bytes than the file was said to have");
  }
  const size_t end = front_bytes_ + bytes.size();
  if (end > writable_bytes_) {
    const size_t writable = std::min((end + kStepBytes - 1) / kStepBytes * kStepBytes, size_bytes_);
    if (mprotect(data_, writable, PROT_READ | PROT_WRITE) != 0) {
      return errno_error(errno, "memory for a model's header");
    }
    writable_bytes_ = writable;
  }
  std::memcpy(data_ + front_bytes_, bytes.data(), bytes.size());
  front_bytes_ = end;
  return {};
}

}  // namespace samovar::sys
