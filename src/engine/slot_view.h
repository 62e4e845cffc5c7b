// SlotView: what one slot is doing, for anyone to read; SlotBoard: where the engine shows it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sync.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace samovar::engine {

// What whoever asked wants shown beside the slot; the engine only carries it.
struct RequestNote {
  std::string settings;
  std::atomic<bool> has_new_line{false};  // set by whoever makes text of the tokens
};

struct SlotView {
  bool busy = false;
  int64_t request_id = -1;   // of the last request; -1: never used
  int64_t n_past = 0;        // positions held in the cache
  int64_t n_prompt = 0;      // tokens of the request's prompt
  int64_t n_evaluated = 0;   // of them computed
  int64_t n_reused = 0;      // of them found in the cache
  int64_t n_decoded = 0;     // answer tokens; 0 when idle
  int64_t n_remaining = -1;  // answer tokens it may still give; -1: unlimited, or idle
  std::shared_ptr<const RequestNote> note;
};

// THREAD: the engine's writes, anyone reads; the lock is held for a copy only.
class SlotBoard {
 public:
  void resize(size_t n_slots) {
    MutexLock lock(mutex_);
    views_.resize(n_slots);
  }
  void show(size_t i_slot, SlotView view) {
    MutexLock lock(mutex_);
    views_[i_slot] = std::move(view);
  }
  std::vector<SlotView> read() const {
    MutexLock lock(mutex_);
    return views_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<SlotView> views_ SAMOVAR_TSA(guarded_by(mutex_));
};

}  // namespace samovar::engine
