// Plan: what a model will use of this machine's memory, decided before anything is allocated.
//
// A pure function of model facts, machine facts and wishes; it reads nothing and asks nobody.
// docs/guides/plan.md explains every line to users. Thread: plain values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::plan {

struct ModelFacts {
  std::string name;            // for messages
  uint64_t weights_bytes = 0;  // mapped file
  uint64_t hot_bytes = 0;      // of them: read for each token; the rest are rows of the vocabulary
  uint64_t kv_bytes_per_token = 0;           // in the wished KV type
  uint64_t windowed_kv_bytes_per_token = 0;  // of them, in layers with a sliding window
  int64_t windowed_tokens = 0;  // positions that those layers keep at most, of all sequences
  uint64_t workspace_bytes = 0;
  int64_t n_vocab = 0;
  int64_t n_ctx_train = 0;  // tokens
};

struct MachineFacts {
  uint64_t usable_bytes = 0;  // sys::MachineMemory::usable_bytes()
  // Where pages of the KV cache can go besides; mapped weights never do.
  uint64_t swap_bytes = 0;  // sys::MachineMemory::swap_room_bytes()
};

struct Wishes {
  int64_t n_ctx = 0;           // tokens of one sequence; 0: what fits
  int64_t n_slots = 1;         // sequences at work together
  int64_t n_cache_tokens = 0;  // of all sequences, at least n_ctx; 0: what fits, at most all slots'
  uint64_t http_bytes = 0;     // for request bodies, net::BodyBudget; 0: nobody sends any
};

// What `bytes` are for, as the ledger prints it.
struct LedgerLine {
  std::string_view name;  // "KV cache"
  uint64_t bytes = 0;
  std::string note;  // "16384 tokens"
};

struct Plan {
  int64_t n_ctx = 0;  // tokens of one sequence, a multiple of the KV page
  int64_t n_slots = 1;
  int64_t n_cache_tokens = 0;  // of the KV cache that the slots share: n_ctx to n_slots * n_ctx
  uint64_t weights_bytes = 0;  // mapped: clean pages that the kernel may drop
  uint64_t hot_bytes = 0;      // of them: read for each token
  uint64_t kv_bytes = 0;
  uint64_t workspace_bytes = 0;
  uint64_t vocabulary_bytes = 0;  // tables of the tokenizer, of grammars and of the samplers
  uint64_t http_bytes = 0;        // request bodies: net::BodyBudget
  uint64_t runtime_bytes = 0;     // code, threads, buffers: kRuntimeBytes
  uint64_t usable_bytes = 0;      // of the machine, when the plan was made
  uint64_t swap_bytes = 0;        // likewise

  uint64_t anonymous_bytes() const { return total_bytes() - weights_bytes; }
  // What goes when the model is unloaded, and what a process has once.
  uint64_t model_bytes() const {
    return weights_bytes + kv_bytes + workspace_bytes + vocabulary_bytes;
  }
  uint64_t process_bytes() const { return http_bytes + runtime_bytes; }
  uint64_t total_bytes() const { return model_bytes() + process_bytes(); }
  // Of the KV cache: what does not find room in memory.
  uint64_t swapped_bytes() const {
    return total_bytes() > usable_bytes ? total_bytes() - usable_bytes : 0;
  }
  bool fits() const { return swapped_bytes() <= std::min(kv_bytes, swap_bytes); }

  // Every byte by name, in the order of the members above.
  std::vector<LedgerLine> ledger() const;
  // "4 slots of up to 8192 tokens, 16384 in all: weights 1066 MiB mapped + KV 448 MiB + workspace
  // 12 MiB + vocabulary 31 MiB + HTTP 128 MiB + runtime 32 MiB = 1717 of 7012 MiB"
  std::string summary() const;
};

// Plan::runtime_bytes, measured by bench/plan: 17 MiB of the program's and its libraries' mapped
// code, the rest threads, buffers, connections.
inline constexpr uint64_t kRuntimeBytes = uint64_t{24} << 20;

// The ledger, whether it fits or not. kInvalidArgument for wishes out of range, kResourceExhausted
// for a KV cache whose bytes cannot be counted.
Result<Plan> lay_out(const ModelFacts& model, const MachineFacts& machine, const Wishes& wishes);

// The same, but kResourceExhausted with the ledger when it does not fit.
Result<Plan> make_plan(const ModelFacts& model, const MachineFacts& machine, const Wishes& wishes);

// What a model gets at least that is loaded beside others, unless it would get less alone.
inline constexpr int64_t kContextBesideOthers = 4096;

// As make_plan(), beside other models whose plans have `reserved_bytes` in all (model_bytes() of
// each). kBusy: it would fit without them.
Result<Plan> make_plan_beside(const ModelFacts& model, const MachineFacts& machine,
                              const Wishes& wishes, uint64_t reserved_bytes);

// What a server should have for request bodies, and for what is made of them, where `usable_bytes`
// are usable.
uint64_t http_budget_bytes(uint64_t usable_bytes);

// The most tokens of one sequence that fit, in whole pages, beside the wishes' other parts; 0 when
// not even one page does.
int64_t largest_context(const ModelFacts& model, const MachineFacts& machine, const Wishes& wishes);

// The how-to's rule of thumb, M = P * 4 B * 1.2 * Q / 32, of P parameters of Q bits.
uint64_t rule_of_thumb_bytes(uint64_t n_parameters, int bits);
// Q by the name of a quantization: 4 of "Q4_K_M" and "IQ4_XS", 16 of "BF16"; 32 of names without a
// number.
int quantization_bits(std::string_view quantization);

}  // namespace samovar::plan
