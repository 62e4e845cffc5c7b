// ThreadPool: the compute threads. One caller at a time shares a loop out to all workers.
//
// Workers spin briefly between two loops (a forward pass has hundreds), then park on a futex, so an
// idle server uses no CPU and a busy neighbour is not fought. The calling thread is worker 0.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/pacer.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

namespace samovar {

class ThreadPool {
 public:
  static constexpr int kMaxThreads = 1024;

  // n_threads counts the calling thread: 1 starts none. REQUIRES: 1 <= n_threads <= kMaxThreads.
  explicit ThreadPool(int n_threads);  // throws std::system_error when a thread is refused
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Threads that take part.
  int size() const { return n_active_.load(std::memory_order_relaxed); }
  // So many of the threads take part from the next loop on; the others sleep. Clamped to 1 and the
  // number that the pool was made with. THREAD: any.
  void set_size(int n_threads);
  // How much CPU time the process takes while it computes. THREAD: of its setters any.
  Pacer& pacer() { return pacer_; }

  // Calls body(begin, end, worker) for chunks that cover 0..n-1 exactly once, taken in order from a
  // shared counter, and returns when all are done. A worker that has lost its core delays the chunk
  // it holds and nothing else: one that comes too late for a chunk is not waited for. No
  // allocation. `body` must not throw and must not call parallel_for() of the same pool. REQUIRES:
  // chunk >= 1.
  template <class Body>
  void parallel_for(int64_t n, int64_t chunk, const Body& body) {
    if (n <= 0) return;
    const bool is_paced = pacer_.is_on();
    const bool is_alone = size() == 1;
    if (n <= chunk || (is_alone && !is_paced)) {
      body(int64_t{0}, n, 0);
      if (is_paced) pacer_.pay();
      return;
    }
    next_.store(0, std::memory_order_relaxed);
    const auto take_chunks = [&](int worker) {
      for (;;) {
        const int64_t begin = next_.fetch_add(chunk, std::memory_order_relaxed);
        if (begin >= n) return;
        body(begin, begin + chunk < n ? begin + chunk : n, worker);
        if (is_paced && worker == 0) pacer_.pay();
      }
    };
    if (is_alone) return take_chunks(0);
    using TakeChunks = decltype(take_chunks);
    run([](const void* context, int worker) { (*static_cast<const TakeChunks*>(context))(worker); },
        &take_chunks);
  }

 private:
  using ErasedBody = void (*)(const void* context, int worker);
  struct Empty {};
  ThreadPool(int n_threads, Empty) : n_threads_(n_threads), n_active_(n_threads) {}
  void run(ErasedBody body, const void* context);
  void worker_loop(int worker);
  bool enter();
  void leave();

  // Constant after construction.
  int n_threads_;
  std::vector<std::thread> threads_;

  std::atomic<int> n_active_;  // workers below it take part
  Pacer pacer_;                // pay(): worker 0

  // Written by the caller while no worker is inside, read by workers that are.
  ErasedBody body_ = nullptr;
  const void* context_ = nullptr;

  // The run at hand: its number, whether workers may still enter it, and how many are inside.
  alignas(64) std::atomic<uint32_t> gate_{0};
  alignas(64) std::atomic<int64_t> next_{0};  // first index no worker has taken yet
  std::atomic<bool> stop_{false};
};

}  // namespace samovar
