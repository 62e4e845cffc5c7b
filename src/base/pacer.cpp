#include "base/pacer.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

namespace samovar {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kLookNs = 300'000;         // asking for the CPU time is a system call
constexpr int64_t kSliceNs = 1'000'000;      // many short sleeps cost more than few long ones
constexpr int64_t kMaxDebtNs = 100'000'000;  // what is older has been paid by the kernel's hold
// CPU time of each period that is left to what is noticed late and to other threads; without the
// periods' beginnings also to what is saved up.
constexpr int64_t kSpareNs = 2'000'000;
constexpr int64_t kSpareAtPaceNs = 3'000'000;

int64_t read_ns(clockid_t clock) {
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

int64_t Pacer::now_ns() {
  return read_ns(CLOCK_MONOTONIC);
}

void Pacer::set_quota(double cores, int64_t period_ns) {
  period_ns_.store(period_ns, std::memory_order_relaxed);
  cores_.store(cores, std::memory_order_relaxed);
}

void Pacer::pay() {
  const int64_t wall_ns = now_ns();
  if (wall_ns - last_.wall_ns < kLookNs) return;
  const int64_t owed = owed_ns(wall_ns, read_ns(CLOCK_PROCESS_CPUTIME_ID));
  if (owed > 0) sleep_ns(owed);
}

int64_t Pacer::owed_ns(int64_t wall_ns, int64_t cpu_ns) {
  const Look before = std::exchange(last_, {wall_ns, cpu_ns});
  if (before.wall_ns == 0 || !is_on()) return 0;
  const int64_t start_ns = start_ns_.load(std::memory_order_relaxed);
  return start_ns == 0 || start_ns > wall_ns ? ahead_ns(before) : period_left_ns(before, start_ns);
}

// Of each period; half of a quota that is hardly more than what is spared.
double Pacer::allowed_ns(int64_t spare_ns) const {
  const double quota_ns = cores_.load(std::memory_order_relaxed) *
                          static_cast<double>(period_ns_.load(std::memory_order_relaxed));
  return std::max(quota_ns / 2, quota_ns - static_cast<double>(spare_ns));
}

int64_t Pacer::ahead_ns(const Look& before) {
  const double pace =
      allowed_ns(kSpareAtPaceNs) / static_cast<double>(period_ns_.load(std::memory_order_relaxed));
  const auto wall = static_cast<double>(last_.wall_ns - before.wall_ns);
  const auto cpu = static_cast<double>(last_.cpu_ns - before.cpu_ns);
  credit_ns_ = std::clamp(credit_ns_ + pace * wall - cpu, static_cast<double>(-kMaxDebtNs),
                          static_cast<double>(kBurstNs));
  return credit_ns_ < -kSliceNs ? static_cast<int64_t>(-credit_ns_ / pace) : 0;
}

int64_t Pacer::period_left_ns(const Look& before, int64_t start_ns) {
  const int64_t period_ns = period_ns_.load(std::memory_order_relaxed);
  const int64_t elapsed_ns = (last_.wall_ns - start_ns) % period_ns;
  if (const int64_t begin_ns = last_.wall_ns - elapsed_ns; begin_ns != period_begin_ns_) {
    period_begin_ns_ = begin_ns;
    spent_before_ns_ = before.cpu_ns;
  }
  const auto spent = static_cast<double>(last_.cpu_ns - spent_before_ns_);
  return spent < allowed_ns(kSpareNs) ? 0 : period_ns - elapsed_ns;
}

}  // namespace samovar
