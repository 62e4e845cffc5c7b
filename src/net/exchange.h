// Exchange: the way from a Responder, on any thread, to its connection on the I/O thread.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/connection.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace samovar::net {

class Exchange {
 public:
  using Task = std::function<void(Connection&)>;
  // Runs a task on the connection's strand; false when the server has stopped.
  using Run = std::function<bool(Task)>;

  Exchange(uint64_t number, Connection::Gone gone, Run run)
      : number_(number), gone_(std::move(gone)), run_(std::move(run)) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  // The last Responder is gone; after a whole answer this does nothing.
  ~Exchange() {
    run_([n = number_](Connection& connection) { connection.abandoned(n); });
  }

  uint64_t number() const { return number_; }
  bool gone() const { return gone_->load(); }
  bool run(Task task) const { return run_(std::move(task)); }

 private:
  const uint64_t number_;
  const Connection::Gone gone_;
  const Run run_;
};

}  // namespace samovar::net
