#include "base/arena.h"

#include "base/checked.h"

#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace samovar {

std::string_view memory_use_name(MemoryUse use) {
  switch (use) {
    case MemoryUse::kKvCache:
      return "kv_cache";
    case MemoryUse::kWorkspace:
      return "workspace";
    case MemoryUse::kPromptCache:
      return "prompt_cache";
    case MemoryUse::kIo:
      return "io";
    case MemoryUse::kCount:
      break;
  }
  return "unknown";
}

Status Ledger::charge(MemoryUse use, uint64_t bytes) {
  uint64_t used = used_bytes_.load(std::memory_order_relaxed);
  for (;;) {
    const auto total = checked_add(used, bytes);
    if (!total || *total > budget_bytes_) {
      return resource_exhausted(
          fmt::format("{} needs {} bytes, but {} of the {} planned are in use",
                      memory_use_name(use), bytes, used, budget_bytes_));
    }
    if (used_bytes_.compare_exchange_weak(used, *total, std::memory_order_relaxed)) break;
  }
  by_use_[static_cast<size_t>(use)].fetch_add(bytes, std::memory_order_relaxed);
  return {};
}

void Ledger::release(MemoryUse use, uint64_t bytes) {
  used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  by_use_[static_cast<size_t>(use)].fetch_sub(bytes, std::memory_order_relaxed);
}

Result<Buffer> Buffer::allocate(Ledger& ledger, MemoryUse use, uint64_t n_bytes) {
  Buffer buffer;
  buffer.ledger_ = &ledger;
  buffer.use_ = use;
  if (n_bytes == 0) return buffer;
  SAMOVAR_TRY(ledger.charge(use, n_bytes));
  // Anonymous mappings arrive zeroed and untouched: pages count only once they are used.
  void* memory = mmap(nullptr, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    ledger.release(use, n_bytes);
    return resource_exhausted(
        fmt::format("the system has no {} bytes for {}", n_bytes, memory_use_name(use)));
  }
  buffer.data_ = static_cast<std::byte*>(memory);
  buffer.size_bytes_ = n_bytes;
  return buffer;
}

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_bytes_(std::exchange(other.size_bytes_, 0)),
      ledger_(other.ledger_),
      use_(other.use_) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_bytes_, other.size_bytes_);
  std::swap(ledger_, other.ledger_);
  std::swap(use_, other.use_);
  return *this;
}

void Buffer::discard(size_t offset, size_t n_bytes) {
  const auto page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t begin = (offset + page_bytes - 1) / page_bytes * page_bytes;
  const size_t end = (offset + n_bytes) / page_bytes * page_bytes;
  if (begin < end) madvise(data_ + begin, end - begin, MADV_DONTNEED);
}

Buffer::~Buffer() {
  if (data_ == nullptr) return;
  munmap(data_, size_bytes_);
  ledger_->release(use_, size_bytes_);
}

}  // namespace samovar
