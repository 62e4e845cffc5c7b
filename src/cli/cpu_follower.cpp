#include "cli/cpu_follower.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr int64_t kLookEveryMs = 1000;

}  // namespace

void CpuFollower::follow(net::HttpServer& server) {
  look();
  server.after(kLookEveryMs, [this, &server] { follow(server); });
}

void CpuFollower::look() {
  const sys::CpuShare share = sys::cpu_share();
  pool_->follow(share.n_threads, share.pace_cores);
  if (share == share_) return;
  share_ = share;
  fmt::print(stderr, "the CPU quota has changed: {} compute thread{}\n", share.n_threads,
             share.n_threads == 1 ? "" : "s");
}

}  // namespace samovar::cli
