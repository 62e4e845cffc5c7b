// Limits: what a grammar may cost. Every compiler step asks them, so a hostile grammar is an error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/status.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace samovar::grammar {

struct Limits {
  size_t max_source_bytes = size_t{1} << 20;
  int max_depth = 64;                    // groups in groups, schemas in schemas
  size_t max_rules = 4096;               // a $ref target is a rule
  uint64_t max_repetition = 10'000;      // product of the bounds of nested repetitions
  size_t max_nodes = size_t{1} << 18;    // of the syntax tree
  size_t max_states = size_t{1} << 18;   // of the automaton
  size_t max_edges = size_t{1} << 20;    // of the automaton
  int64_t max_compile_us = 100'000;      // wall time of one compilation
  const Clock* clock = &system_clock();  // BORROWS
};

// The wall time of one compilation. Thread: one.
class Deadline {
 public:
  explicit Deadline(const Limits& limits)
      : clock_(limits.clock), end_us_(clock_->monotonic_us() + limits.max_compile_us) {}

  // Cheap: looks at the clock once in 256 steps of work, each far below 100 us.
  Status check(size_t work = 1) {
    work_ += work;
    if (work_ < 256) return {};
    work_ = 0;
    if (clock_->monotonic_us() <= end_us_) return {};
    return invalid_argument("grammar: takes too long to compile");
  }

 private:
  const Clock* clock_;
  int64_t end_us_;
  size_t work_ = 0;
};

}  // namespace samovar::grammar
