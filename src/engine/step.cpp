// The engine's step: one batch of all slots through the model, and what comes of it.
#include "base/log.h"
#include "engine/engine.h"
#include "engine/guarded.h"

#include <algorithm>

namespace samovar::engine {

// Answers first: a long prompt gets the rows that they leave.
void Engine::fill_batch() {
  batch_.rows.clear();
  batch_.sequences.clear();
  in_batch_.clear();
  int64_t budget = workspace_->options().max_rows;
  for (const bool prompts : {false, true}) {
    for (Slot& slot : slots_) {
      if (!slot.busy() || slot.in_prompt() != prompts || budget == 0) continue;
      budget -= slot.add_rows(batch_, budget);
      in_batch_.push_back(&slot);
    }
  }
}

void Engine::step() {
  fill_batch();
  stats_.last_step_us.store(clock_.monotonic_us(), std::memory_order_relaxed);
  if (in_batch_.empty()) return;
  const Status status = guarded([&]() -> Status {
    SAMOVAR_TRY(model::forward(model_->model(), kernels_, batch_, *kv_, *workspace_, *pool_));
    return model_->check_mapping();
  });
  stats_.steps.fetch_add(1, std::memory_order_relaxed);
  stats_.busy_slot_steps.fetch_add(static_cast<int64_t>(in_batch_.size()),
                                   std::memory_order_relaxed);
  if (status.ok()) {
    draw_tokens();
  } else {
    log::error("step failed: {}", status.message());
    for (Slot* slot : in_batch_) finish(*slot, FinishReason::kError, status);
  }
}

void Engine::draw_tokens() {
  int64_t i_logits = 0;
  for (Slot* slot : in_batch_) {
    const bool has_logits = slot->rows_done();
    if (const Status told = guarded([&]() -> Status {
          slot->report_progress(clock_.monotonic_us());
          return {};
        });
        !told.ok()) {
      if (has_logits) ++i_logits;
      finish(*slot, FinishReason::kError, told);
      continue;
    }
    if (!has_logits) continue;
    const std::span<float> logits = workspace_->logits(i_logits++);
    std::optional<FinishReason> reason;
    Status status = guarded([&]() -> Status {
      reason = slot->next_token(logits, is_end_, clock_.monotonic_us());
      if (reason != FinishReason::kError) return {};
      return internal_error(
          "the model gave no token a chance: all logits are banned or not numbers");
    });
    if (!status.ok()) reason = FinishReason::kError;
    if (reason) finish(*slot, *reason, std::move(status));
  }
}

// Counters first: whoever saw the end of an answer finds it in the metrics.
void Engine::finish(Slot& slot, FinishReason reason, Status error) {
  const int64_t now = clock_.monotonic_us();
  const Timings& t = slot.close_timings(now);
  stats_.prompt_tokens.fetch_add(t.n_prompt, std::memory_order_relaxed);
  stats_.prompt_tokens_cached.fetch_add(t.n_cached, std::memory_order_relaxed);
  stats_.prompt_us.fetch_add(t.prompt_us, std::memory_order_relaxed);
  stats_.predicted_tokens.fetch_add(t.n_predicted, std::memory_order_relaxed);
  stats_.predicted_us.fetch_add(t.predicted_us, std::memory_order_relaxed);
  stats_.requests_processing.fetch_sub(1, std::memory_order_relaxed);
  publish_gauges();
  guarded([&]() -> Status {
    slot.finish(reason, std::move(error), now);
    return {};
  }).ignore("the sink knows what to do when it is let go");
}

void Engine::publish_gauges() {
  int64_t n_tokens = 0;
  int64_t longest = stats_.max_sequence_tokens.load(std::memory_order_relaxed);
  for (size_t i = 0; i < slots_.size(); ++i) {
    n_tokens += static_cast<int64_t>(slots_[i].n_cached());
    longest = std::max(longest, static_cast<int64_t>(slots_[i].n_cached()));
    board_.show(i, slots_[i].update_view());
  }
  stats_.kv_tokens.store(n_tokens, std::memory_order_relaxed);
  stats_.max_sequence_tokens.store(longest, std::memory_order_relaxed);
}

}  // namespace samovar::engine
