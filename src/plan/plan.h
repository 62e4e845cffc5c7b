// Plan: what a model will use of this machine's memory, decided before anything is allocated.
//
// A pure function of model facts, machine facts and wishes; it reads nothing and asks nobody.
// Thread: plain values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstdint>
#include <string>

namespace samovar::plan {

struct ModelFacts {
  std::string name;                          // for messages
  uint64_t weights_bytes = 0;                // mapped file
  uint64_t kv_bytes_per_token = 0;           // in the wished KV type
  uint64_t windowed_kv_bytes_per_token = 0;  // of them, in layers with a sliding window
  int64_t windowed_tokens = 0;  // positions that those layers keep at most, of all sequences
  uint64_t workspace_bytes = 0;
  int64_t n_ctx_train = 0;  // tokens
};

struct MachineFacts {
  uint64_t usable_bytes = 0;  // sys::MachineMemory::usable_bytes()
};

struct Wishes {
  int64_t n_ctx = 0;           // tokens of one sequence; 0: what fits
  int64_t n_slots = 1;         // sequences at work together
  int64_t n_cache_tokens = 0;  // of all sequences, at least n_ctx; 0: what fits, at most all slots'
};

struct Plan {
  int64_t n_ctx = 0;  // tokens of one sequence, a multiple of the KV page
  int64_t n_slots = 1;
  int64_t n_cache_tokens = 0;  // of the KV cache that the slots share: n_ctx to n_slots * n_ctx
  uint64_t weights_bytes = 0;  // mapped: clean pages that the kernel may drop
  uint64_t kv_bytes = 0;
  uint64_t workspace_bytes = 0;
  uint64_t runtime_bytes = 0;  // vocabulary, HTTP buffers, code: measured, see plan.cpp
  uint64_t usable_bytes = 0;   // of the machine, when the plan was made

  uint64_t anonymous_bytes() const { return kv_bytes + workspace_bytes + runtime_bytes; }
  uint64_t total_bytes() const { return weights_bytes + anonymous_bytes(); }
  // "4 slots of up to 8192 tokens, 16384 in all: weights 1066 MiB mapped + KV 448 MiB + workspace
  // 12 MiB + runtime 48 MiB of 7012 MiB"
  std::string summary() const;
};

// kInvalidArgument for wishes out of range, kResourceExhausted with the ledger when they do not
// fit.
Result<Plan> make_plan(const ModelFacts& model, const MachineFacts& machine, const Wishes& wishes);

// What a model gets at least that is loaded beside others, unless it would get less alone.
inline constexpr int64_t kContextBesideOthers = 4096;

// As make_plan(), beside other models whose plans have `reserved_bytes` in all. kBusy: it would fit
// without them.
Result<Plan> make_plan_beside(const ModelFacts& model, const MachineFacts& machine,
                              const Wishes& wishes, uint64_t reserved_bytes);

}  // namespace samovar::plan
