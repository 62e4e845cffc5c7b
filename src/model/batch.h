// Batch: the rows of one forward pass. A prompt chunk and a decode step are both just rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/kv_cache.h"

#include <cstdint>
#include <span>
#include <vector>

namespace samovar::model {

struct BatchRow {
  int32_t token = 0;
  int32_t position = 0;  // of the token in its sequence; its page must be in the sequence's table
  int32_t sequence = 0;  // index into Batch::sequences
  bool wants_logits = false;
  bool wants_state = false;  // what the output norm makes of the row behind the last layer
};

// Where the keys and values of a sequence are. BORROWS.
struct SequencePages {
  const PageTable* main = nullptr;
  const PageTable* windowed = nullptr;  // REQUIRED where the cache has such a pool
};

// Rows of one sequence stand in ascending, gapless positions; all earlier positions of the sequence
// are already in the cache, or behind the window. BORROWS the page tables until forward() returns.
struct Batch {
  std::vector<BatchRow> rows;
  std::vector<SequencePages> sequences;
};

}  // namespace samovar::model
