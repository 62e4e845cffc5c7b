#include "cli/session.h"

#include "cli/isa_choice.h"
#include "engine/plan_facts.h"
#include "kernels/select.h"
#include "model/model_facts.h"
#include "sys/memory.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

Result<plan::Plan> plan_memory(const ModelOptions& options, const engine::LoadedModel& model,
                               const engine::Options& engine_options, uint64_t reserved_bytes) {
  const plan::ModelFacts facts =
      engine::plan_facts(options.model, model.file(), model.model().config(),
                         model.model().bytes_per_token(), engine_options);
  return plan::make_plan_beside(facts, machine_facts(options.memory_bytes),
                                plan_wishes(options, facts.n_ctx_train), reserved_bytes);
}

}  // namespace

plan::MachineFacts machine_facts(uint64_t memory_bytes) {
  const sys::MachineMemory memory = sys::machine_memory();
  const uint64_t free_bytes = memory.usable_bytes() + sys::process_memory().anonymous_bytes;
  if (memory_bytes == 0) return {free_bytes, memory.swap_room_bytes};
  return {std::min(memory_bytes, free_bytes), 0};
}

plan::Wishes plan_wishes(const ModelOptions& options, int64_t n_ctx_train) {
  plan::Wishes wishes{.n_ctx = options.n_ctx,
                      .n_slots = options.n_slots,
                      .n_cache_tokens = options.n_cache_tokens,
                      .http_bytes = options.http_bytes};
  if (options.caps_context) {
    wishes.n_ctx = std::min(wishes.n_ctx, n_ctx_train);
    wishes.n_cache_tokens = std::min(wishes.n_cache_tokens, n_ctx_train * options.n_slots);
  }
  return wishes;
}

engine::Options engine_options(const ModelOptions& options, kernels::KvType kv) {
  engine::Options wanted{.n_slots = options.n_slots, .pool = options.pool, .kv_type = kv};
  if (options.max_batch_rows > 0) {
    wanted.max_batch_rows = std::min(wanted.max_batch_rows, options.max_batch_rows);
  }
  return wanted;
}

Result<kernels::KvType> kv_type_of(const ModelOptions& options) {
  const std::string& k = options.cache_type_k;
  const std::string& v = options.cache_type_v;
  if (!k.empty() && !v.empty() && k != v) {
    return invalid_argument(fmt::format(
        "--cache-type-k {} and --cache-type-v {}: keys and values have one type here", k, v));
  }
  if (!k.empty()) return parse_kv_type(k, "--cache-type-k");
  if (!v.empty()) return parse_kv_type(v, "--cache-type-v");
  return parse_kv_type(options.kv);
}

namespace {

struct KvName {
  kernels::KvType type;
  const char* name;
};
constexpr KvName kKvNames[] = {{kernels::KvType::kI16, "i16"},
                               {kernels::KvType::kF16, "f16"},
                               {kernels::KvType::kF32, "f32"},
                               {kernels::KvType::kQ8_0, "q8_0"}};

}  // namespace

const char* kv_name(kernels::KvType type) {
  for (const KvName& known : kKvNames) {
    if (known.type == type) return known.name;
  }
  return "";
}

Result<kernels::KvType> parse_kv_type(const std::string& name, std::string_view flag) {
  for (const KvName& known : kKvNames) {
    if (name == known.name) return known.type;
  }
  return invalid_argument(
      fmt::format("{}: expected i16, f16, f32 or q8_0, found `{}`", flag, name));
}

Result<int> resolve_threads(int64_t wanted) {
  if (wanted < 0 || wanted > ThreadPool::kMaxThreads) {
    return invalid_argument(fmt::format("--threads: expected 0 (automatic) to {}, found {}",
                                        ThreadPool::kMaxThreads, wanted));
  }
  return wanted > 0 ? static_cast<int>(wanted) : sys::default_threads();
}

Result<std::string> resolve_model(const std::string& name, const Environment& environment) {
  SAMOVAR_ASSIGN(const store::Store store, store::Store::open(store_options(environment)));
  return store.resolve(name);
}

namespace {

void declare_threads_flag(Flags& flags, int64_t& threads) {
  flags.add("-t,--threads", &threads, "compute threads; 0: physical cores inside the CPU quota");
  flags.also_from("LLAMA_ARG_THREADS");
}

}  // namespace

void declare_compute_flags(Flags& flags, int64_t& threads, std::string& kv) {
  declare_threads_flag(flags, threads);
  flags.add("--kv", &kv, kKvHelp);
}

void declare_context_flags(Flags& flags, ModelOptions& options) {
  flags.add("-c,--ctx-size", &options.n_ctx, "tokens of context; 0: what fits in memory");
  flags.also_from("LLAMA_ARG_CTX_SIZE");
}

void declare_kv_flags(Flags& flags, ModelOptions& options) {
  flags.add("--kv", &options.kv, kKvHelp);
  flags.add("--cache-type-k", &options.cache_type_k, "the same as --kv, as llama-server spells it");
  flags.also_from("LLAMA_ARG_CACHE_TYPE_K");
  flags.add("--cache-type-v", &options.cache_type_v, "the same: keys and values have one type");
  flags.also_from("LLAMA_ARG_CACHE_TYPE_V");
}

void declare_slot_flags(Flags& flags, int64_t& n_slots, ModelOptions& options) {
  flags.add("--parallel", &n_slots, "requests at work together; more wait in a queue; 4 if none");
  flags.also_from("LLAMA_ARG_N_PARALLEL");
  flags.add("--cache-tokens", &options.n_cache_tokens,
            "tokens of the KV cache that they share; 0: what fits in memory");
  flags.add("-b,--batch-size", &options.max_batch_rows, "prompt tokens of one step at most");
  flags.also_from("LLAMA_ARG_BATCH");
}

Status settle_slots(int64_t n_slots, ModelOptions& options) {
  constexpr int64_t kDefaultSlots = 4;
  constexpr int64_t kAutomatic = -1;  // as llama-server spells it
  if (n_slots < kAutomatic) {
    return invalid_argument(
        fmt::format("--parallel: expected 0 (automatic) or more, found {}", n_slots));
  }
  if (options.max_batch_rows < 0) {
    return invalid_argument(fmt::format("--batch-size: expected 0 (automatic) or more, found {}",
                                        options.max_batch_rows));
  }
  options.n_slots = n_slots > 0 ? n_slots : kDefaultSlots;
  return {};
}

void declare_model_flags(Flags& flags, ModelOptions& options) {
  declare_context_flags(flags, options);
  declare_threads_flag(flags, options.threads);
  declare_kv_flags(flags, options);
  flags.add("--chat-template", &options.chat_format,
            "a built-in prompt format, or a template's text, instead of the model's own");
  flags.also_from("LLAMA_ARG_CHAT_TEMPLATE");
}

Result<OpenedModel> OpenedModel::open(ModelOptions options, const std::string& path,
                                      const Environment& environment) {
  OpenedModel out;
  out.session_.path = path;
  SAMOVAR_ASSIGN(out.session_.isa, chosen_isa(environment));
  SAMOVAR_ASSIGN(out.kv_, kv_type_of(options));
  SAMOVAR_ASSIGN(out.session_.n_threads, resolve_threads(options.threads));
  SAMOVAR_ASSIGN(out.model_, engine::LoadedModel::load(path));
  auto sampling = api::SamplingKeys::from_gguf(out.model_->file());
  if (!sampling.ok()) return sampling.status().with_context(path);
  out.session_.sampling = *std::move(sampling);
  auto format =
      api::choose_chat_format(out.model_->file(), options.chat_format, options.chat_fallback);
  if (!format.ok()) return format.status().with_context(path);
  out.format_ = *std::move(format);
  out.options_ = std::move(options);
  return out;
}

Result<Session> OpenedModel::start(uint64_t reserved_bytes) const {
  Session session = session_;
  engine::Options engine_options = cli::engine_options(options_, kv_);
  engine_options.n_threads = session.n_threads;
  SAMOVAR_ASSIGN(session.plan, plan_memory(options_, *model_, engine_options, reserved_bytes));
  engine_options.n_ctx = session.plan.n_ctx;
  engine_options.n_cache_tokens = session.plan.n_cache_tokens;
  auto ledger = std::make_unique<Ledger>(session.plan.kv_bytes + session.plan.workspace_bytes);
  SAMOVAR_ASSIGN(auto engine, engine::Engine::create(model_, kernels::select(session.isa),
                                                     engine_options, *ledger));
  SAMOVAR_ASSIGN(const model::ModelFacts facts, model::model_facts(model_->file()));
  session.served = std::make_shared<const api::ServedModel>(api::ServedModel{
      std::move(ledger), model_, std::move(engine), format_, facts.quantization, options_.id});
  return session;
}

Result<Session> open_session(const ModelOptions& options, const store::Store& models,
                             const Environment& environment) {
  SAMOVAR_ASSIGN(const std::string path, models.resolve(options.model));
  SAMOVAR_ASSIGN(const OpenedModel opened, OpenedModel::open(options, path, environment));
  return opened.start(0);
}

}  // namespace samovar::cli
