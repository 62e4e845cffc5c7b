// Stats: the engine's counters, written by the engine thread, read by anyone without a lock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace samovar::engine {

struct Stats {
  using Counter = std::atomic<int64_t>;
  Counter prompt_tokens{0};  // evaluated
  Counter prompt_tokens_cached{0};
  Counter prompt_us{0};
  Counter predicted_tokens{0};
  Counter predicted_us{0};
  Counter steps{0};            // forward passes
  Counter busy_slot_steps{0};  // sum over steps of slots with rows in them
  Counter max_sequence_tokens{0};
  Counter drafts{0};
  Counter drafted_tokens{0};
  Counter draft_held_tokens{0};
  std::array<Counter, 8> draft_held_at{};  // of them, by place in the draft
  Counter context_shifts{0};
  Counter shift_tokens{0};         // computed again behind the gaps
  Counter pauses{0};               // times a request gave its pages to an older one
  Counter requests_processing{0};  // gauge
  Counter requests_deferred{0};    // gauge
  Counter requests_cancelled{0};
  Counter mean_request_us{0};   // gauge: from a slot to the end, of late
  Counter kv_tokens{0};         // gauge: positions held, reusable ones included
  Counter kv_active_tokens{0};  // gauge: positions of sequences at work
  Counter last_step_us{0};      // monotonic time of the last sign of life

  // Adds what another engine has counted; gauges stay.
  void add_counts(const Stats& other) {
    constexpr Counter Stats::*kCounters[] = {&Stats::prompt_tokens,   &Stats::prompt_tokens_cached,
                                             &Stats::prompt_us,       &Stats::predicted_tokens,
                                             &Stats::predicted_us,    &Stats::steps,
                                             &Stats::busy_slot_steps, &Stats::drafts,
                                             &Stats::drafted_tokens,  &Stats::draft_held_tokens,
                                             &Stats::context_shifts,  &Stats::shift_tokens,
                                             &Stats::pauses,          &Stats::requests_cancelled};
    for (const auto counter : kCounters) add(other, counter);
    for (size_t i = 0; i < draft_held_at.size(); ++i) {
      draft_held_at[i].fetch_add(other.draft_held_at[i].load(std::memory_order_relaxed),
                                 std::memory_order_relaxed);
    }
    const int64_t longest = other.max_sequence_tokens.load(std::memory_order_relaxed);
    if (longest > max_sequence_tokens.load(std::memory_order_relaxed)) {
      max_sequence_tokens.store(longest, std::memory_order_relaxed);
    }
  }
  // Adds what another engine has and does now, as far as that adds up.
  void add_gauges(const Stats& other) {
    for (const auto gauge : {&Stats::requests_processing, &Stats::requests_deferred,
                             &Stats::kv_tokens, &Stats::kv_active_tokens}) {
      add(other, gauge);
    }
  }

 private:
  void add(const Stats& other, Counter Stats::*cell) {
    (this->*cell)
        .fetch_add((other.*cell).load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
};

}  // namespace samovar::engine
