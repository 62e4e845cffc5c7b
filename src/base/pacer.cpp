#include "base/pacer.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace samovar {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kLookNs = 300'000;         // asking for the CPU time is a system call
constexpr int64_t kSliceNs = 1'000'000;      // many short sleeps cost more than few long ones
constexpr int64_t kMaxDebtNs = 100'000'000;  // what is older has been paid by the kernel's hold

int64_t now_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * kNsPerSecond + time.tv_nsec;
}

void sleep_ns(int64_t ns) {
  timespec left{ns / kNsPerSecond, ns % kNsPerSecond};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

}  // namespace

void Pacer::pay() {
  const int64_t wall_ns = now_ns(CLOCK_MONOTONIC);
  if (wall_ns - wall_ns_ < kLookNs) return;
  const int64_t owed = owed_ns(wall_ns, now_ns(CLOCK_PROCESS_CPUTIME_ID));
  if (owed > 0) sleep_ns(owed);
}

int64_t Pacer::owed_ns(int64_t wall_ns, int64_t cpu_ns) {
  const double cores = cores_.load(std::memory_order_relaxed);
  const bool is_first = wall_ns_ == 0;
  const auto wall = static_cast<double>(wall_ns - wall_ns_);
  const auto cpu = static_cast<double>(cpu_ns - cpu_ns_);
  wall_ns_ = wall_ns;
  cpu_ns_ = cpu_ns;
  if (is_first || cores <= 0) return 0;
  credit_ns_ = std::clamp(credit_ns_ + cores * wall - cpu, static_cast<double>(-kMaxDebtNs),
                          static_cast<double>(kBurstNs));
  return credit_ns_ < -kSliceNs ? static_cast<int64_t>(-credit_ns_ / cores) : 0;
}

}  // namespace samovar
