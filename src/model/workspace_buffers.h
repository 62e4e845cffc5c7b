// The arrays inside a Workspace: what forward() works in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/activations.h"
#include "model/carver.h"
#include "model/model.h"

#include <span>

namespace samovar::model {

// What forward() needs to know of a row after its token is embedded.
struct RowPlace {
  int32_t position = 0;
  SequencePages pages;  // BORROWS until forward() returns
  int64_t logits = -1;  // index among the rows that want logits; -1: does not want them
  bool wants_state = false;
};

struct Workspace::Buffers {
  // Cuts all arrays out of `memory` (null: measures); RETURNS the bytes they take.
  uint64_t carve(const ModelConfig& config, std::byte* memory);

  WorkspaceOptions options;
  int64_t n_vocab = 0, d_model = 0;
  Buffer memory;

  std::span<RowPlace> places;      // [max_rows]
  std::span<float> x;              // [max_rows, d_model] the residual stream
  std::span<float> normed;         // [max_rows, d_model] input of attention or ffn; final states
  std::span<float> projected;      // [max_rows, d_model] output of attention or ffn
  std::span<float> q;              // [max_rows, n_head, d_head_k]
  std::span<int16_t> q_codes;      // [max_rows, n_head, d_head_k rounded up to 2]
  std::span<float> k;              // [max_rows, n_head_kv, d_head_k]
  std::span<float> v;              // [max_rows, n_head_kv, d_head_v]
  std::span<float> attended;       // [max_rows, n_head, d_head_v]
  std::span<float> gate, up;       // [max_rows, d_ff]; gate is empty without gated_ffn
  std::span<float> rope_global;    // [max_rows, n_rot] cos and sin of each pair
  std::span<float> rope_windowed;  // the same for layers with a sliding window; empty without such
  std::span<float> logits;         // [max_logit_rows, n_vocab]
  Activations activations;
};

}  // namespace samovar::model
