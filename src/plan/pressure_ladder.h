// PressureLadder: what a server gives up, rung by rung, while its machine is short of memory.
//
// The plan promises that the server itself stays inside; neighbours, and limits that are lowered
// while it runs, promise nothing. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace samovar::plan {

enum class PressureRung : uint8_t {
  kNone,
  kForget,   // what caches keep for later prompts goes
  kEndIdle,  // and models that nobody uses, with their KV caches; not those that were named
  kRefuse,   // and nothing new is begun; what runs goes on
};

// Since the last look, or now.
struct PressureSigns {
  double stalled_share = 0;   // of the time, in which a task waited for memory (PSI, "some")
  uint64_t usable_bytes = 0;  // that could be had
  uint64_t limit_bytes = 0;   // that the process may have at most
};

class PressureLadder {
 public:
  // To be called once a second: a rung up after kLooksUp looks in a row that find memory short, one
  // down after kLooksDown that do not.
  PressureRung look(const PressureSigns& signs);
  PressureRung rung() const { return rung_; }

  static constexpr int kLooksUp = 3, kLooksDown = 10;

 private:
  PressureRung rung_ = PressureRung::kNone;
  int n_short_ = 0, n_calm_ = 0;  // looks in a row
};

}  // namespace samovar::plan
