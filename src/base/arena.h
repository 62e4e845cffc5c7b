// Ledger and Buffer: every large allocation is named and counted, so that a plan can be kept.
//
// A Ledger has a budget; Buffer::allocate charges it and refuses what does not fit, before malloc
// is asked. Freeing a Buffer gives the bytes back. Thread: any (counters are atomic).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace samovar {

// What the bytes are for; the same names stand in the plan and in the metrics.
enum class MemoryUse : uint8_t { kKvCache, kWorkspace, kPromptCache, kIo, kCount };
std::string_view memory_use_name(MemoryUse use);

class Ledger {
 public:
  explicit Ledger(uint64_t budget_bytes = UINT64_MAX) : budget_bytes_(budget_bytes) {}
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  uint64_t budget_bytes() const { return budget_bytes_; }
  uint64_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }
  uint64_t used_bytes(MemoryUse use) const {
    return by_use_[static_cast<size_t>(use)].load(std::memory_order_relaxed);
  }
  // kResourceExhausted with the numbers when the budget would be exceeded; nothing is charged then.
  Status charge(MemoryUse use, uint64_t bytes);
  void release(MemoryUse use, uint64_t bytes);

 private:
  const uint64_t budget_bytes_;
  std::atomic<uint64_t> used_bytes_{0};
  std::array<std::atomic<uint64_t>, static_cast<size_t>(MemoryUse::kCount)> by_use_{};
};

// OWNS zeroed, page-aligned memory, charged to a ledger that must outlive it.
class Buffer {
 public:
  Buffer() = default;
  static Result<Buffer> allocate(Ledger& ledger, MemoryUse use, uint64_t n_bytes);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  // Gives the whole memory pages of that range back to the system: they read as zeros, and count
  // again once they are used. The ledger's charge stays. REQUIRES: it lies inside.
  void discard(size_t offset, size_t n_bytes);

  std::byte* data() const { return data_; }
  size_t size_bytes() const { return size_bytes_; }
  // The buffer seen as elements of T (T must be an implicit-lifetime type).
  template <class T>
  std::span<T> as() const {
    return {reinterpret_cast<T*>(data_), size_bytes_ / sizeof(T)};
  }

 private:
  std::byte* data_ = nullptr;
  size_t size_bytes_ = 0;
  Ledger* ledger_ = nullptr;
  MemoryUse use_ = MemoryUse::kWorkspace;
};

}  // namespace samovar
