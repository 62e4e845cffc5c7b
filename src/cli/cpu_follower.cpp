#include "cli/cpu_follower.h"

#include "cli/output.h"

namespace samovar::cli {
namespace {

constexpr int64_t kLookEveryMs = 1000;
constexpr int64_t kPeriodLookEveryMs = 1;
constexpr int kPeriodLooks = 150;
constexpr int64_t kSharpNs = 2'000'000;             // between two looks that tell when
constexpr int64_t kPeriodHoldsNs = 30'000'000'000;  // periods are regular, but quotas are set anew

}  // namespace

void CpuFollower::follow(net::HttpServer& server) {
  look();
  if (!should_find_period()) return rest(server);
  const uint64_t periods = sys::cgroup_cpu_periods(share_.quota->folder);
  find_period(server, {periods, Pacer::now_ns(), kPeriodLooks});
}

void CpuFollower::rest(net::HttpServer& server) {
  server.after(kLookEveryMs, [this, &server] { follow(server); });
}

void CpuFollower::look() {
  const sys::CpuShare share = sys::cpu_share();
  pool_->set_size(share.n_threads);
  if (share.quota) {
    pool_->pacer().set_quota(share.quota->cores, share.quota->period_us * 1000);
  } else {
    pool_->pacer().set_quota(0, 1);
  }
  if (share == share_) return;
  share_ = share;
  period_found_ns_ = 0;
  pool_->pacer().set_period_start(0);
  tell("the CPU quota has changed: {} compute thread{}\n", share.n_threads,
       share.n_threads == 1 ? "" : "s");
}

// The kernel counts while somebody computes.
bool CpuFollower::should_find_period() const {
  if (!share_.quota || !pool_->in_use()) return false;
  return period_found_ns_ == 0 || Pacer::now_ns() - period_found_ns_ > kPeriodHoldsNs;
}

void CpuFollower::find_period(net::HttpServer& server, PeriodWatch watch) {
  if (watch.looks_left == 0) return rest(server);
  server.after(kPeriodLookEveryMs, [this, &server, watch] {
    const uint64_t periods = sys::cgroup_cpu_periods(share_.quota->folder);
    const int64_t now_ns = Pacer::now_ns();
    if (periods == watch.periods + 1 && now_ns - watch.at_ns <= kSharpNs) {
      period_found_ns_ = now_ns;
      pool_->pacer().set_period_start(now_ns);
      return rest(server);
    }
    find_period(server, {periods, now_ns, watch.looks_left - 1});
  });
}

}  // namespace samovar::cli
