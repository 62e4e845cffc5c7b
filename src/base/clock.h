// Clock: monotonic, wall and CPU time behind an interface, so that tests never sleep.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace samovar {

// Thread: any; implementations are safe to call concurrently.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t monotonic_us() const = 0;   // never goes back; the origin is arbitrary
  virtual int64_t unix_us() const = 0;        // since 1970-01-01 UTC
  virtual int64_t thread_cpu_us() const = 0;  // what the calling thread has had of a CPU
  int64_t unix_s() const { return unix_us() / 1'000'000; }
};

// The machine's clock; lives for the whole program.
const Clock& system_clock();

// A clock that moves only when told to. Thread: any.
class FakeClock final : public Clock {
 public:
  int64_t monotonic_us() const override { return monotonic_us_; }
  int64_t unix_us() const override { return unix_us_; }
  int64_t thread_cpu_us() const override { return monotonic_us_; }
  void advance_us(int64_t us) {
    monotonic_us_ += us;
    unix_us_ += us;
  }

 private:
  std::atomic<int64_t> monotonic_us_{0};
  std::atomic<int64_t> unix_us_{1'700'000'000'000'000};
};

}  // namespace samovar
