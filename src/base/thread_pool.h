// ThreadPool: the compute threads. One caller at a time runs a function on all workers.
//
// Workers spin briefly between two runs (a forward pass has hundreds), then park on a futex, so an
// idle server uses no CPU and a busy neighbour is not fought. The calling thread is worker 0.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

namespace samovar {

class ThreadPool {
 public:
  // n_threads counts the calling thread: 1 starts none. REQUIRES: n_threads >= 1.
  explicit ThreadPool(int n_threads);  // throws std::system_error when a thread is refused
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return n_threads_; }

  // Runs body(worker) once on each worker 0..size()-1 and returns when all are done. No allocation.
  // `body` must not throw and must not call run() or parallel_for() of the same pool.
  template <class Body>
  void run(const Body& body) {
    run_erased(
        [](const void* context, int worker) { (*static_cast<const Body*>(context))(worker); },
        &body);
  }

  // Calls body(begin, end, worker) for chunks that cover 0..n-1 exactly once, taken in order from a
  // shared counter: a worker that loses its core delays only its own chunk. REQUIRES: chunk >= 1.
  template <class Body>
  void parallel_for(int64_t n, int64_t chunk, const Body& body) {
    if (n <= 0) return;
    if (n_threads_ == 1 || n <= chunk) {
      body(int64_t{0}, n, 0);
      return;
    }
    next_.store(0, std::memory_order_relaxed);
    run([&](int worker) {
      for (;;) {
        const int64_t begin = next_.fetch_add(chunk, std::memory_order_relaxed);
        if (begin >= n) return;
        body(begin, begin + chunk < n ? begin + chunk : n, worker);
      }
    });
  }

 private:
  using ErasedBody = void (*)(const void* context, int worker);
  struct Empty {};
  ThreadPool(int n_threads, Empty) : n_threads_(n_threads) {}
  void run_erased(ErasedBody body, const void* context);
  void worker_loop(int worker);

  // Constant after construction.
  int n_threads_;
  std::vector<std::thread> threads_;

  // Written by the caller before it publishes a new generation, read by workers after they see it.
  ErasedBody body_ = nullptr;
  const void* context_ = nullptr;

  alignas(64) std::atomic<uint32_t> generation_{0};  // one more for each run
  alignas(64) std::atomic<int> pending_{0};          // workers still inside the current run
  alignas(64) std::atomic<int64_t> next_{0};         // first index no worker has taken yet
  std::atomic<bool> stop_{false};
};

}  // namespace samovar
