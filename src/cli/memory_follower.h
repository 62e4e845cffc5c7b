// MemoryFollower: a server that gives memory back while its machine is short of it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/api.h"
#include "net/http_server.h"
#include "plan/pressure_ladder.h"

#include <cstdint>

namespace samovar::cli {

class MemoryFollower {
 public:
  explicit MemoryFollower(api::Api& api) : api_(api) {}  // BORROWS

  // Looks at the pressure on memory now and once a second on an I/O thread of `server`, which ends
  // before this does. A change of what is given up is told on stderr.
  void follow(net::HttpServer& server);

 private:
  void look();
  plan::PressureSigns signs();

  api::Api& api_;
  plan::PressureLadder ladder_;
  double stalled_s_ = 0;      // since the machine or the cgroup began
  int64_t looked_at_us_ = 0;  // 0: never
};

}  // namespace samovar::cli
