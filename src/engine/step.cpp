// The engine's step: one batch of all slots through the model, and what comes of it.
#include "base/log.h"
#include "engine/engine.h"
#include "engine/guarded.h"

#include <algorithm>

namespace samovar::engine {

// Answers first, then prompts, the oldest first, as far as the policy lets them.
void Engine::fill_batch() {
  batch_.rows.clear();
  batch_.sequences.clear();
  in_batch_.clear();
  const auto n_rows = [this] { return static_cast<int64_t>(batch_.rows.size()); };
  const int64_t max_rows = workspace_->options().max_rows;
  const auto n_answers = std::count_if(slots_.begin(), slots_.end(),
                                       [](const Slot& slot) { return slot.in_answer(); });
  const bool prompt_waits =
      std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.in_prompt(); });
  // Drafts pay where rows are few: each is one more row that multiplies.
  int64_t draft_left = std::clamp<int64_t>(Slot::kMaxDraft - (n_answers - 1), 0,
                                           chunks_.draft_rows(n_answers, prompt_waits));
  for (Slot& slot : slots_) {
    if (!slot.in_answer()) continue;
    const int64_t before = n_rows();
    add_to_batch(slot, max_rows - before, draft_left);
    draft_left -= n_rows() - before - 1;
  }
  n_answer_rows_ = n_rows();
  int64_t prompt_rows = chunks_.prompt_rows(n_answer_rows_);
  // Another model's answers wait for this step, whatever it holds.
  if (pool_->in_use()) prompt_rows = std::min(prompt_rows, ChunkPolicy::kSharedRows);
  // Rows of logits that are left for prompts that want them all: one is kept for each prompt's end.
  int64_t logits_left = workspace_->options().max_logit_rows - n_answer_rows_ -
                        std::count_if(slots_.begin(), slots_.end(),
                                      [](const Slot& slot) { return slot.in_prompt(); });
  while (prompt_rows > 0) {
    Slot* oldest = nullptr;
    for (Slot& slot : slots_) {
      if (!slot.in_prompt() ||
          std::find(in_batch_.begin(), in_batch_.end(), &slot) != in_batch_.end())
        continue;
      if (oldest == nullptr || slot.started_us() < oldest->started_us()) oldest = &slot;
    }
    if (oldest == nullptr) break;
    const int64_t before = n_rows();
    const bool all_logits = oldest->wants_prompt_logits();
    const int64_t budget =
        all_logits ? std::clamp<int64_t>(logits_left + 1, 1, prompt_rows) : prompt_rows;
    add_to_batch(*oldest, budget, 0);
    const int64_t n_added = n_rows() - before;
    prompt_rows -= n_added;
    if (all_logits) logits_left -= n_added - 1;
  }
}

void Engine::add_to_batch(Slot& slot, int64_t budget, int64_t max_draft) {
  if (slot.add_rows(batch_, budget, max_draft, *kv_, *tree_) > 0) in_batch_.push_back(&slot);
}

void Engine::step() {
  grow_answers();
  fill_batch();
  stats_.last_step_us.store(clock_.monotonic_us(), std::memory_order_relaxed);
  if (in_batch_.empty()) return;
  const ComputePool::Turn turn(*pool_);
  const int64_t began_us = clock_.monotonic_us();
  const Status status = guarded([&]() -> Status {
    SAMOVAR_TRY(
        model::forward(model_->model(), kernels_, batch_, *kv_, *workspace_, turn.threads()));
    return model_->check_mapping();
  });
  stats_.steps.fetch_add(1, std::memory_order_relaxed);
  stats_.busy_slot_steps.fetch_add(static_cast<int64_t>(in_batch_.size()),
                                   std::memory_order_relaxed);
  chunks_.step_took(n_answer_rows_, static_cast<int64_t>(batch_.rows.size()) - n_answer_rows_,
                    clock_.monotonic_us() - began_us);
  if (status.ok()) {
    take_outputs();
  } else {
    log::error("step failed: {}", status.message());
    for (Slot* slot : in_batch_) finish(*slot, FinishReason::kError, status);
  }
}

void Engine::take_outputs() {
  int64_t first_logits = 0, first_state = 0;  // rows of logits have a state too
  for (Slot* slot : in_batch_) {
    const bool was_in_prompt = slot->in_prompt();
    const int64_t n_logits = slot->rows_done(), n_states = n_logits + slot->n_states();
    if (slot->embeds()) {
      pool_states(*slot, first_state);
    } else if (was_in_prompt) {
      take_prompt_logits(*slot, n_logits, first_logits);
    } else {
      draw_tokens_of(*slot, n_logits, first_logits);
    }
    first_logits += n_logits;
    first_state += n_states;
  }
}

void Engine::pool_states(Slot& slot, int64_t first_state) {
  Status status = guarded([&]() -> Status {
    slot.pool_states(*workspace_, first_state);
    return {};
  });
  if (!status.ok()) return finish(slot, FinishReason::kError, std::move(status));
  if (!slot.in_prompt()) finish(slot, FinishReason::kLength, {});
}

// The last row of a prompt gives the answer's first token; those before it only chances, where
// they are wanted.
void Engine::take_prompt_logits(Slot& slot, int64_t n_logits, int64_t first_logits) {
  const bool ended = !slot.in_prompt();
  if (slot.has_to_share()) share(slot);
  Status status = guarded([&]() -> Status {
    slot.report_progress(clock_.monotonic_us());
    slot.tell_prompt_chances(*workspace_, first_logits);
    return {};
  });
  if (!status.ok()) return finish(slot, FinishReason::kError, std::move(status));
  if (ended) draw_tokens_of(slot, 1, first_logits + n_logits - 1);
}

static_assert(std::tuple_size_v<decltype(Stats::draft_held_at)> == Slot::kMaxDraft);

// One token for each row of logits, as long as the drafts that the rows stand for are what is
// drawn.
void Engine::draw_tokens_of(Slot& slot, int64_t n_logits, int64_t first_logits) {
  for (int64_t i = 0; i < n_logits; ++i) {
    if (i > 0 && !slot.draft_holds()) return;
    if (i > 0) {
      stats_.draft_held_at[static_cast<size_t>(i) - 1].fetch_add(1, std::memory_order_relaxed);
    }
    std::optional<FinishReason> reason;
    Status status = guarded([&]() -> Status {
      std::span<const uint32_t> allowed;
      if (slot.has_grammar()) {
        SAMOVAR_ASSIGN(allowed, slot.allowed_tokens(masks()));
      }
      reason = slot.next_token(workspace_->logits(first_logits + i), allowed,
                               model_->tokenizer().vocabulary(), is_end_, clock_.monotonic_us());
      if (reason != FinishReason::kError) return {};
      return internal_error(slot.has_grammar()
                                ? "none of the model's tokens fits the grammar here"
                                : "the model gave no token a chance: all logits are banned or not "
                                  "numbers");
    });
    if (!status.ok()) reason = FinishReason::kError;
    if (reason == FinishReason::kContextFull && slot.may_shift()) return shift(slot);
    if (reason) return finish(slot, *reason, std::move(status));
  }
}

grammar::TokenMasks& Engine::masks() {
  // The plan has 16 MiB for grammars: api::GrammarCache keeps 4.
  constexpr size_t kMaskBytes = size_t{12} << 20;
  if (!masks_) masks_.emplace(model_->token_trie(), grammar::MaskOptions{.max_bytes = kMaskBytes});
  return *masks_;
}

// A cache that could not take everything is still a cache.
void Engine::share(Slot& slot) {
  guarded([&]() -> Status {
    slot.share(*tree_);
    return {};
  }).ignore("the beginning is computed again when it is needed");
}

// Counters first: whoever saw the end of an answer finds it in the metrics.
void Engine::finish(Slot& slot, FinishReason reason, Status error) {
  const int64_t now = clock_.monotonic_us();
  const Timings& t = slot.close_timings(now);
  stats_.prompt_tokens.fetch_add(t.n_prompt, std::memory_order_relaxed);
  stats_.prompt_tokens_cached.fetch_add(t.n_cached, std::memory_order_relaxed);
  stats_.prompt_us.fetch_add(t.prompt_us, std::memory_order_relaxed);
  if (!slot.counted_by_asker()) count_answer(t);
  stats_.drafts.fetch_add(t.n_drafts, std::memory_order_relaxed);
  stats_.drafted_tokens.fetch_add(t.n_drafted, std::memory_order_relaxed);
  stats_.draft_held_tokens.fetch_add(t.n_draft_held, std::memory_order_relaxed);
  if (t.n_dropped > 0) {
    stats_.shift_tokens.fetch_add(t.n_recomputed, std::memory_order_relaxed);
  }
  const int64_t mean_us = stats_.mean_request_us.load(std::memory_order_relaxed);
  const int64_t took_us = now - slot.started_us();
  stats_.mean_request_us.store(mean_us == 0 ? took_us : mean_us + (took_us - mean_us) / 8,
                               std::memory_order_relaxed);
  queue_.charge(slot.tenant(), t.n_predicted);
  share(slot);
  std::erase(paused_, &slot);
  stats_.requests_processing.fetch_sub(1, std::memory_order_relaxed);
  publish_gauges(&slot);
  board_.show(static_cast<size_t>(slot.index()), slot.idle_view());
  guarded([&]() -> Status {
    slot.finish(reason, std::move(error), *kv_);
    return {};
  }).ignore("the sink knows what to do when it is let go");
}

void Engine::publish_gauges(const Slot* ending) {
  int64_t n_tokens = tree_->n_tokens(), n_active = 0;
  int64_t longest = stats_.max_sequence_tokens.load(std::memory_order_relaxed);
  for (size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    if (&slot != ending) {
      n_tokens += slot.n_private();
      n_active += static_cast<int64_t>(slot.n_cached());
    }
    longest = std::max(longest, static_cast<int64_t>(slot.n_cached()));
    board_.show(i, slots_[i].update_view());
  }
  stats_.kv_tokens.store(n_tokens, std::memory_order_relaxed);
  stats_.kv_active_tokens.store(n_active, std::memory_order_relaxed);
  stats_.max_sequence_tokens.store(longest, std::memory_order_relaxed);
}

}  // namespace samovar::engine
