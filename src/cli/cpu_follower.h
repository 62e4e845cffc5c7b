// CpuFollower: compute threads that follow the CPU quota while a server runs.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/compute_pool.h"
#include "net/http_server.h"
#include "sys/cpu.h"

#include <cstdint>
#include <memory>

namespace samovar::cli {

class CpuFollower {
 public:
  explicit CpuFollower(std::shared_ptr<ComputePool> pool) : pool_(std::move(pool)) {}

  // Looks now and once a second on an I/O thread of `server`, which ends before this does. A change
  // is told on stderr.
  void follow(net::HttpServer& server);

 private:
  // Looks at the kernel's count of a quota's periods again and again, until it sees one begin.
  struct PeriodWatch {
    uint64_t periods;
    int64_t at_ns;  // when they were counted
    int looks_left;
  };
  void look();
  bool should_find_period() const;
  // One or the other is under way, never two at a time.
  void rest(net::HttpServer& server);
  void find_period(net::HttpServer& server, PeriodWatch watch);

  std::shared_ptr<ComputePool> pool_;
  sys::CpuShare share_ = sys::cpu_share();  // one look at a time
  int64_t period_found_ns_ = 0;             // when a period was last seen to begin; 0: never
};

}  // namespace samovar::cli
