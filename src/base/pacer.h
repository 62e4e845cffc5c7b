// Pacer: keeps a process below its CPU quota by short sleeps of its own.
//
// Who uses a quota up is held by the kernel until the period ends: for tens of milliseconds, and
// all threads, those that answer probes too. Sleeping a little before that costs no more time and
// harms nobody.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace samovar {

class Pacer {
 public:
  // CPU seconds per second that the process may take; 0: as much as it gets. THREAD: any.
  void set_cores(double cores) { cores_.store(cores, std::memory_order_relaxed); }
  bool is_on() const { return cores_.load(std::memory_order_relaxed) > 0; }

  // Sleeps if the process has taken more than that. Cheap when it has looked just before.
  // THREAD: one.
  void pay();
  // ns to sleep now, where the process has taken `cpu_ns` of CPU time at the time `wall_ns`; both
  // from any origin. What was not taken is saved up for kBurstNs only. THREAD: that of pay().
  int64_t owed_ns(int64_t wall_ns, int64_t cpu_ns);

  static constexpr int64_t kBurstNs = 1'000'000;

 private:
  std::atomic<double> cores_{0};

  // Of the paying thread.
  int64_t wall_ns_ = 0, cpu_ns_ = 0;  // when it last looked; 0: never
  double credit_ns_ = 0;              // of CPU time
};

}  // namespace samovar
