// Session: a model opened for use by one command: plan, kernels, engine, prompt format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/sampling_keys.h"
#include "api/served_model.h"
#include "base/arena.h"
#include "base/status.h"
#include "cli/environment.h"
#include "cli/flags.h"
#include "plan/plan.h"
#include "store/store.h"
#include "sys/cpu.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace samovar::cli {

// The flags that `run` and `serve` have in common.
struct ModelOptions {
  std::string model;          // any name that the store resolves
  std::string id = {};        // what the API calls it
  int64_t threads = 0;        // 0: physical cores inside the CPU quota
  int64_t n_ctx = 0;          // tokens; 0: what fits
  bool caps_context = false;  // more than the model was trained for means just that
  int64_t n_slots = 1;
  int64_t n_cache_tokens = 0;                    // of all slots; 0: what fits
  std::string kv = "i16";                        // i16, f16, f32 or q8_0
  std::string cache_type_k, cache_type_v;        // as llama-server names them; empty: kv
  std::string chat_format;                       // empty: the file's own template
  std::string chat_fallback{api::kPlainFormat};  // the format of a file without one
  int64_t max_batch_rows = 0;  // prompt tokens of one step at most; 0: the engine's own bound
  uint64_t memory_bytes = 0;   // that all models together may take; 0: what is free
  uint64_t http_bytes = 0;     // of request bodies that a server holds at a time
  std::shared_ptr<ComputePool> pool = nullptr;  // shared with other models; null: its own
};

struct Session {
  std::string path;  // of the model file
  plan::Plan plan;
  sys::Isa isa;
  int n_threads = 1;
  api::SamplingKeys sampling;  // of the model's file
  std::shared_ptr<const api::ServedModel> served;
};

// A model's file, mapped and checked: runs once there is memory for it.
class OpenedModel {
 public:
  // Errors name the file.
  static Result<OpenedModel> open(ModelOptions options, const std::string& path,
                                  const Environment& environment);
  // Plans, allocates and starts the engine, beside other models whose plans have `reserved_bytes`.
  // kBusy: it would fit without them.
  Result<Session> start(uint64_t reserved_bytes) const;

 private:
  ModelOptions options_;
  kernels::KvType kv_ = kernels::KvType::kI16;
  Session session_;  // without plan and engine
  std::shared_ptr<const engine::LoadedModel> model_;
  api::ChatFormat format_;
};

void declare_model_flags(Flags& flags, ModelOptions& options);
// Those of them that decide how much memory it takes.
void declare_context_flags(Flags& flags, ModelOptions& options);
void declare_kv_flags(Flags& flags, ModelOptions& options);
// The same of `serve`. `n_slots` as given, 0 if not: settle_slots() knows how many that are.
void declare_slot_flags(Flags& flags, int64_t& n_slots, ModelOptions& options);
// `n_slots` into `options`; kInvalidArgument for figures of these flags that mean nothing.
Status settle_slots(int64_t n_slots, ModelOptions& options);

// Resolves in `models`, maps, plans, allocates and starts the engine. Errors name the model.
Result<Session> open_session(const ModelOptions& options, const store::Store& models,
                             const Environment& environment);

// What a plan is made from. `memory_bytes` as ModelOptions has them: swap counts only where they
// are 0. What this process holds already counts as usable.
plan::MachineFacts machine_facts(uint64_t memory_bytes);
plan::Wishes plan_wishes(const ModelOptions& options, int64_t n_ctx_train);
engine::Options engine_options(const ModelOptions& options, kernels::KvType kv);
// Of --kv and of the flags that llama-server has for keys and values.
Result<kernels::KvType> kv_type_of(const ModelOptions& options);

// The parts of it that commands without an engine need.
void declare_compute_flags(Flags& flags, int64_t& threads, std::string& kv);
inline constexpr const char* kKvHelp =
    "type of the KV cache: i16, f16, f32, or q8_0 at half the size";
const char* kv_name(kernels::KvType type);  // "i16"
Result<kernels::KvType> parse_kv_type(const std::string& name, std::string_view flag = "--kv");
Result<int> resolve_threads(int64_t wanted);  // 0: sys::default_threads()
// The path of a model that is on this machine; kNotFound tells how to pull it.
Result<std::string> resolve_model(const std::string& name, const Environment& environment);

}  // namespace samovar::cli
