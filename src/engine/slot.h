// Slot: one running (or resting) sequence: its tokens in the KV cache and the request it works on.
//
// After a request ends the tokens stay, so that the next prompt with the same beginning starts
// there. Thread: the engine thread only. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/request.h"
#include "model/batch.h"
#include "model/kv_cache.h"
#include "sample/sampler.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace samovar::engine {

class Slot {
 public:
  void set_index(int32_t index) { index_ = index; }
  bool busy() const { return request_.has_value(); }
  bool in_prompt() const { return busy() && n_cached() < request_->prompt.size(); }
  // kNone when idle.
  StopSign stop_sign() const {
    return busy() ? request_->stop_sign->load(std::memory_order_relaxed) : StopSign::kNone;
  }
  int64_t last_used_us() const { return last_used_us_; }
  // Positions whose KV is in the cache.
  size_t n_cached() const { return cached_.size(); }
  // Leading tokens of `prompt` that are in the cache already.
  size_t common_prefix(std::span<const int32_t> prompt) const;

  // Takes the request, keeps the common prefix and reserves pages for `n_positions` in all.
  // False when the cache has too few free pages: the request is left alone, the slot stays idle; so
  // after std::bad_alloc. All memory but that of sampling is taken here.
  bool start(Request& request, int64_t n_positions, model::KvCache& kv, int64_t now_us,
             int64_t queued_us);
  // Adds up to `budget` rows of this slot to the batch; RETURNS how many. A row that ends the
  // prompt, or continues the answer, wants logits.
  int64_t add_rows(model::Batch& batch, int64_t budget);
  // The rows of the last add_rows() were computed. RETURNS true when one of them wanted logits.
  bool rows_done();
  // Draws the next token from `logits` and reports it. RETURNS the reason when the answer is
  // complete.
  std::optional<FinishReason> next_token(std::span<float> logits, const std::vector<bool>& is_end,
                                         int64_t now_us);
  // The request's timings, its clocks stopped at `now_us`. REQUIRES: busy().
  const Timings& close_timings(int64_t now_us);
  // Forgets the request and sends kDone; the cache stays. REQUIRES: close_timings() was called.
  void finish(FinishReason reason, Status error, int64_t now_us);
  // Tells a request that wants it how far its prompt is.
  void report_progress(int64_t now_us);
  // Of the current request, or of the last one.
  const SlotView& update_view();
  // Gives all pages back. REQUIRES: !busy().
  void evict(model::KvCache& kv);

 private:
  int32_t index_ = 0;
  SlotView view_;
  model::PageTable pages_;
  std::vector<int32_t> cached_;  // tokens of positions 0.. in the cache
  int64_t n_positions_ = 0;      // reserved
  int64_t last_used_us_ = 0;

  // Of the current request.
  std::optional<Request> request_;
  std::optional<sample::Sampler> sampler_;
  size_t n_pending_ = 0;  // rows in flight
  bool pending_wants_logits_ = false;
  int32_t next_ = -1;  // sampled, not yet in the cache
  int64_t started_us_ = 0;
  int64_t first_token_us_ = 0;
  Timings timings_;
};

}  // namespace samovar::engine
