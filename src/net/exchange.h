// Exchange: the way from a Responder, on any thread, to its connection on the I/O thread.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/connection.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <utility>

namespace samovar::net {

class Exchange {
 public:
  using Task = std::function<void(Connection&)>;
  // Runs a task on the connection's thread; false when the server has stopped.
  using Run = std::function<bool(Task)>;

  Exchange(uint64_t number, Connection::SharedFlags flags, Run run)
      : number_(number), flags_(std::move(flags)), run_(std::move(run)) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  // The last Responder is gone. After the answer's last task there is nothing to tell; and tasks
  // of another thread than the one that posted it might come before it.
  ~Exchange() {
    if (ended_.load()) return;
    try {
      run_([n = number_](Connection& connection) { connection.abandoned(n); });
    } catch (const std::bad_alloc&) {
      flags_->abandoned.store(true);  // the next tick sees it
    }
  }

  uint64_t number() const { return number_; }
  bool gone() const { return flags_->gone.load(); }
  bool run(Task task) const { return run_(std::move(task)); }
  // The task that begins a stream.
  void begin_stream(Task task) const {
    run_(std::move(task));
    streams_.store(true);
  }
  // The last task of an answer: of a stream that has begun, or (not `of_stream`) of a whole one.
  // The other kind ends nothing, as it means nothing to the connection.
  void run_last(bool of_stream, Task task) const {
    run_(std::move(task));
    if (of_stream == streams_.load()) ended_.store(true);
  }

 private:
  const uint64_t number_;
  const Connection::SharedFlags flags_;
  const Run run_;
  mutable std::atomic<bool> streams_{false}, ended_{false};
};

}  // namespace samovar::net
