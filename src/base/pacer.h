// Pacer: keeps a process below its CPU quota by short sleeps of its own.
//
// Who uses a quota up is held by the kernel until the period ends: all threads, those that answer
// probes too. Sleeping a little before that costs no more time and harms nobody.
// (Documentation/scheduler/sched-bwc.rst of the kernel.)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace samovar {

class Pacer {
 public:
  // `cores` CPU seconds per second, which the kernel gives out anew every `period_ns`; 0 cores: as
  // much as it gets. REQUIRES: period_ns > 0. THREAD: any.
  void set_quota(double cores, int64_t period_ns);
  bool is_on() const { return cores_.load(std::memory_order_relaxed) > 0; }
  // One of the kernel's periods began at that time, on the clock of now_ns(), and the others a
  // multiple of the period before and after; 0: nobody knows. THREAD: any.
  void set_period_start(int64_t start_ns) { start_ns_.store(start_ns, std::memory_order_relaxed); }
  static int64_t now_ns();  // monotonic

  // Sleeps if the process has taken more than that. Cheap when it has looked just before.
  // THREAD: one.
  void pay();
  // ns to sleep now, where the process has taken `cpu_ns` of CPU time, from any origin, at the
  // time `wall_ns`: until the next period where it has used up this one, else what it is ahead of
  // the quota's pace. THREAD: that of pay().
  int64_t owed_ns(int64_t wall_ns, int64_t cpu_ns);

  static constexpr int64_t kBurstNs = 1'000'000;  // of CPU time not taken, saved up at most

 private:
  struct Look {
    int64_t wall_ns = 0;  // 0: never
    int64_t cpu_ns = 0;
  };
  double allowed_ns(int64_t spare_ns) const;
  int64_t ahead_ns(const Look& before);
  int64_t period_left_ns(const Look& before, int64_t start_ns);

  std::atomic<double> cores_{0};
  std::atomic<int64_t> period_ns_{1};
  std::atomic<int64_t> start_ns_{0};

  // Of the paying thread.
  Look last_;
  double credit_ns_ = 0;         // of CPU time
  int64_t period_begin_ns_ = 0;  // the period at hand
  int64_t spent_before_ns_ = 0;  // CPU time when it began
};

}  // namespace samovar
