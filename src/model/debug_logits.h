// debug_logits(): every position's logits of one sequence, in chunks, for comparison with
// references. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "model/model.h"

#include <functional>
#include <span>

namespace samovar::model {

struct DebugLogitsOptions {
  int64_t n_ctx = 4096;  // tokens; more in the request is kInvalidArgument
  kernels::KvType kv_type = kernels::KvType::kI16;
};

// Receives [n_rows, n_vocab] f32 for the next n_rows positions; the span is valid during the call.
using LogitSink = std::function<Status(std::span<const float> logits)>;

// Runs `tokens` from position 0 through a cache of their own. Memory: a few rows of logits.
Status debug_logits(const Model& model, const kernels::KernelTable& kernels, ThreadPool& pool,
                    std::span<const int32_t> tokens, const DebugLogitsOptions& options,
                    const LogitSink& sink);

}  // namespace samovar::model
