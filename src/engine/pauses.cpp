// Requests that have started and give their pages back for a while, so that others go on.
#include "base/log.h"
#include "engine/engine.h"
#include "engine/guarded.h"

#include <algorithm>
#include <utility>

namespace samovar::engine {
namespace {

bool is_older(const Slot* a, const Slot* b) {
  return std::pair(a->started_us(), a->index()) < std::pair(b->started_us(), b->index());
}

}  // namespace

// The answer goes on behind what stays of its context: a prompt like others, whose kept beginning
// the tree holds.
void Engine::shift(Slot& slot) {
  share(slot);
  const auto n_tokens = slot.n_cached() + 1;
  const int64_t n_dropped = slot.shift(*kv_);
  log::warning("slot {}: the context of {} tokens is full: {} of them dropped", slot.index(),
               n_tokens, n_dropped);
  stats_.context_shifts.fetch_add(1, std::memory_order_relaxed);
  wait_for_pages(slot);
  resume_paused();
}

// Pages for the next rows of all answers, the oldest's first. Where there are none, the youngest
// request makes room: the oldest one always goes on, so that all do.
void Engine::grow_answers() {
  by_age_.clear();
  for (Slot& slot : slots_) {
    if (slot.may_pause()) by_age_.push_back(&slot);
  }
  std::sort(by_age_.begin(), by_age_.end(), is_older);
  for (size_t i = 0; i < by_age_.size();) {
    Slot& slot = *by_age_[i];
    if (!slot.in_answer() || slot.grow(1 + Slot::kMaxDraft, *kv_, *tree_)) {
      ++i;
    } else {
      pause(*by_age_.back());
      by_age_.pop_back();
    }
  }
}

// What it has read stays in the tree as long as nobody needs the place.
void Engine::pause(Slot& slot) {
  share(slot);
  slot.pause(*kv_);
  stats_.pauses.fetch_add(1, std::memory_order_relaxed);
  wait_for_pages(slot);
}

void Engine::wait_for_pages(Slot& slot) {
  paused_.insert(std::upper_bound(paused_.begin(), paused_.end(), &slot, is_older), &slot);
}

// The oldest first. None holds pages while it waits, so none waits for another one that waits.
void Engine::resume_paused() {
  while (!paused_.empty()) {
    Slot& slot = *paused_.front();
    bool resumed = false;
    Status status = guarded([&]() -> Status {
      resumed = slot.resume(*kv_, *tree_);
      return {};
    });
    if (!status.ok()) {
      finish(slot, FinishReason::kError, std::move(status));
    } else if (resumed) {
      paused_.erase(paused_.begin());
    } else {
      return;
    }
  }
}

}  // namespace samovar::engine
