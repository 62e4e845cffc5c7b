// ComputePool: the compute threads of the process, for engines that use them in turns.
//
// However many models are loaded, no more threads compute than one of them would use. Turns are
// given in the order in which they were asked for, so that engines alternate step by step.
// Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sync.h"
#include "base/thread_pool.h"

#include <atomic>
#include <cstdint>

namespace samovar {

class ComputePool {
 public:
  // As ThreadPool's.
  explicit ComputePool(int n_threads) : threads_(n_threads) {}
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;

  int size() const { return threads_.size(); }
  // From now on so many threads take part (see ThreadPool::set_size).
  void set_size(int n_threads) { threads_.set_size(n_threads); }
  Pacer& pacer() { return threads_.pacer(); }
  // Whether somebody has a turn or waits for one.
  bool in_use() const {
    return next_ticket_.load(std::memory_order_relaxed) != served_.load(std::memory_order_relaxed);
  }

  // Turns asked for since the beginning.
  uint64_t n_asked() const { return next_ticket_.load(std::memory_order_relaxed); }

  // Waits for its turn and has it for as long as it lives: the calling thread is worker 0.
  class Turn {
   public:
    explicit Turn(ComputePool& pool) : pool_(pool) { pool_.begin_turn(); }
    ~Turn() { pool_.end_turn(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ThreadPool& threads() const { return pool_.threads_; }

   private:
    ComputePool& pool_;
  };

 private:
  void begin_turn() {
    const uint64_t ticket = next_ticket_.fetch_add(1, std::memory_order_relaxed);
    MutexLock lock(mutex_);
    while (served_.load(std::memory_order_relaxed) != ticket) ended_.wait(mutex_);
  }
  void end_turn() {
    MutexLock lock(mutex_);
    served_.fetch_add(1, std::memory_order_relaxed);
    ended_.notify_all();
  }

  ThreadPool threads_;
  Mutex mutex_;
  CondVar ended_;
  std::atomic<uint64_t> next_ticket_{0};
  std::atomic<uint64_t> served_{0};  // the ticket whose turn it is; changes under mutex_
};

}  // namespace samovar
