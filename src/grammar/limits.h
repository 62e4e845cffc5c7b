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
  int max_depth = 64;                        // groups in groups, schemas in schemas
  size_t max_rules = 4096;                   // a $ref target is a rule
  uint64_t max_repetition = 10'000;          // product of the bounds of nested repetitions
  size_t max_nodes = size_t{1} << 18;        // of the syntax tree
  size_t max_states = size_t{1} << 18;       // of the automaton
  size_t max_edges = size_t{1} << 20;        // of the automaton
  uint64_t max_counted = uint64_t{1} << 31;  // sum of the bounds that are counted
  int64_t max_compile_us = 100'000;          // time of the thread on a CPU, for one compilation
  int64_t more_compile_us = 10'000;  // beside that, for each further schema of an answer's calls
  const Clock* clock = &system_clock();  // BORROWS
};

// The CPU time of one compilation: what else the machine does changes nothing. Thread: one, that it
// was made in.
class Deadline {
 public:
  explicit Deadline(const Limits& limits)
      : clock_(limits.clock), end_us_(clock_->thread_cpu_us() + limits.max_compile_us) {}

  // For one more schema.
  void allow_more(int64_t us) { end_us_ += us; }

  // Cheap: looks at the clock once in 256 steps of work, each far below 100 us.
  Status check(size_t work = 1) {
    work_ += work;
    if (work_ < 256) return {};
    work_ = 0;
    if (clock_->thread_cpu_us() <= end_us_) return {};
    return invalid_argument("grammar: takes too long to compile");
  }

 private:
  const Clock* clock_;
  int64_t end_us_;
  size_t work_ = 0;
};

}  // namespace samovar::grammar
