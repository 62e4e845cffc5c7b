// WorkQueue: a few threads for tasks that are too long for the thread that has them.
//
// Tasks start in the order of adding and must not throw. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sync.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

namespace samovar {

class WorkQueue {
 public:
  // Throws std::system_error where the system refuses a thread. Delegates, so that the destructor
  // joins the threads that are there by then.
  explicit WorkQueue(int n_threads) : WorkQueue(Empty()) {
    threads_.reserve(static_cast<size_t>(n_threads));
    for (int i = 0; i < n_threads; ++i) {
      threads_.emplace_back([this] {
        while (auto task = tasks_.receive()) {
          if (!ended_) (*task)();
        }
      });
    }
  }
  ~WorkQueue() { finish(); }
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // False, and the task dropped, after finish().
  bool add(std::function<void()> task) { return tasks_.send(std::move(task)); }
  // Waits for the tasks that run; those that still wait are dropped. Idempotent; not from a task.
  void finish() {
    ended_ = true;
    tasks_.close();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  struct Empty {};
  explicit WorkQueue(Empty) {}

  std::atomic<bool> ended_{false};
  Mailbox<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
};

}  // namespace samovar
