// Stats: the engine's counters, written by the engine thread, read by anyone without a lock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
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
  Counter context_shifts{0};
  Counter shift_tokens{0};         // computed again behind the gaps
  Counter requests_processing{0};  // gauge
  Counter requests_deferred{0};    // gauge
  Counter requests_cancelled{0};
  Counter mean_request_us{0};   // gauge: from a slot to the end, of late
  Counter kv_tokens{0};         // gauge: positions held, reusable ones included
  Counter kv_active_tokens{0};  // gauge: positions of sequences at work
  Counter last_step_us{0};      // monotonic time of the last sign of life
};

}  // namespace samovar::engine
