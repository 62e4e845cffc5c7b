// Meter: turns bytes that arrive into Progress reports at a bearable rate.
//
// THREAD: one. BORROWS the sink, the clock and the flag.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/status.h"
#include "store/progress.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>

namespace samovar::store {

class Meter {
 public:
  // `cancel`, set by whoever likes, ends waits in which nothing is reported, too; null: nobody
  // does.
  Meter(const ProgressSink& sink, const Clock& clock, const std::atomic<bool>* cancel = nullptr)
      : sink_(sink), clock_(clock), cancel_(cancel) {}

  const std::atomic<bool>* cancel() const { return cancel_; }
  // Starts a phase and reports at once. All return kCancelled when the sink says stop, and once
  // `cancel` is set.
  Status begin(Phase phase, std::string note, uint64_t bytes_total = 0);
  // Sets the bytes done so far; reports if the last report is 100 ms old. Within a phase progress
  // never goes back: a part that was fetched counts, though it is unpacked only now.
  Status advance_to(uint64_t bytes_done);
  // Reports as it is now, in a wait.
  Status tick() { return advance_to(now_.bytes_done); }
  void expect(uint64_t bytes_total) { now_.bytes_total = bytes_total; }
  // Tells how much all files of the model have, whatever phase it is.
  Status expect_model(uint64_t bytes);
  // Waits, reporting on the way.
  Status pause(int64_t ms);

 private:
  struct Sample {
    int64_t at_us;
    uint64_t bytes_done;
  };
  Status report();

  const ProgressSink& sink_;
  const Clock& clock_;
  const std::atomic<bool>* cancel_;
  Progress now_;
  int64_t reported_us_ = 0;
  std::deque<Sample> window_;  // the last seconds, oldest first
};

}  // namespace samovar::store
