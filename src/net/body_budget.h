// BodyBudget: how many bytes of request bodies, and of what is made of them, may be in memory at
// the same time, over all connections: many large bodies are refused one by one, before memory is.
//
// Thread: any. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace samovar::net {

class BodyBudget {
 public:
  // Of each body so many bytes cost nothing, so that large ones do not keep small ones out.
  static constexpr size_t kFreeBytes = size_t{64} << 10;

  explicit BodyBudget(size_t max_bytes) : max_bytes_(max_bytes) {}
  size_t max_bytes() const { return max_bytes_; }
  size_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }

 private:
  friend class BodyShare;
  bool take(size_t n_bytes) {
    const size_t before = used_bytes_.fetch_add(n_bytes, std::memory_order_relaxed);
    if (before + n_bytes <= max_bytes_) return true;
    give_back(n_bytes);
    return false;
  }
  void give_back(size_t n_bytes) { used_bytes_.fetch_sub(n_bytes, std::memory_order_relaxed); }

  const size_t max_bytes_;
  std::atomic<size_t> used_bytes_{0};
};

// What one body has of it, until this is destroyed. Thread: one at a time.
class BodyShare {
 public:
  explicit BodyShare(std::shared_ptr<BodyBudget> budget) : budget_(std::move(budget)) {}
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  ~BodyShare() { budget_->give_back(n_bytes_); }

  const BodyBudget& budget() const { return *budget_; }

  // For a body, and what is made of it, of `n_bytes` by now. False if there is not enough left;
  // nothing is taken then.
  bool cover(size_t n_bytes) {
    if (n_bytes <= BodyBudget::kFreeBytes + n_bytes_) return true;
    const size_t more = n_bytes - BodyBudget::kFreeBytes - n_bytes_;
    if (!budget_->take(more)) return false;
    n_bytes_ += more;
    return true;
  }

 private:
  const std::shared_ptr<BodyBudget> budget_;
  size_t n_bytes_ = 0;
};

}  // namespace samovar::net
