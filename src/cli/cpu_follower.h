// CpuFollower: compute threads that follow the CPU quota while a server runs.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/compute_pool.h"
#include "net/http_server.h"
#include "sys/cpu.h"

#include <memory>

namespace samovar::cli {

class CpuFollower {
 public:
  explicit CpuFollower(std::shared_ptr<ComputePool> pool) : pool_(std::move(pool)) {}

  // Looks now and once a second on an I/O thread of `server`, which ends before this does. A change
  // is told on stderr.
  void follow(net::HttpServer& server);

 private:
  void look();

  std::shared_ptr<ComputePool> pool_;
  sys::CpuShare share_ = sys::cpu_share();  // one look at a time
};

}  // namespace samovar::cli
