// Track: sequences of random tokens that run forward together and may be run again from any depth.
//
// For measurements: knows no text and no sampling. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "engine/loaded_model.h"
#include "kernels/table.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace samovar::engine {

struct TrackOptions {
  int64_t n_sequences = 1;
  int64_t n_tokens = 1;   // of each sequence at most
  int64_t step_rows = 1;  // rows of one step at most; REQUIRES: at least n_sequences
  kernels::KvType kv_type = kernels::KvType::kI16;
};

class Track {
 public:
  // BORROWS all arguments. kResourceExhausted when the memory is not there.
  static Result<Track> create(const LoadedModel& model, const kernels::KernelTable& kernels,
                              const TrackOptions& options, Ledger& ledger, ThreadPool& pool);

  // Positions first..first+n-1 of the first sequence, step_rows in a step; the last row of a step
  // wants logits. REQUIRES: all earlier positions were run.
  Status prompt(int64_t first, int64_t n);
  // The same positions of all sequences, one token of each in a step; each row wants logits.
  Status generate(int64_t first, int64_t n);

 private:
  Track(const LoadedModel& model, const kernels::KernelTable& kernels, int64_t step_rows,
        ThreadPool& pool)
      : model_(&model), kernels_(&kernels), pool_(&pool), step_rows_(step_rows) {}
  void add_row(int64_t sequence, int64_t position, bool wants_logits);
  Status step();

  const LoadedModel* model_;
  const kernels::KernelTable* kernels_;
  ThreadPool* pool_;
  int64_t step_rows_;
  std::optional<model::KvCache> kv_;
  std::optional<model::Workspace> workspace_;
  std::vector<model::PageTable> pages_;  // [n_sequences]
  model::Batch batch_;
  Rng rng_{1};
};

}  // namespace samovar::engine
