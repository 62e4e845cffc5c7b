#include "cli/session.h"

#include "cli/isa_choice.h"
#include "kernels/select.h"
#include "model/model_facts.h"
#include "sys/memory.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

// Memory for all models together: what is free, and what this process has taken of it already.
uint64_t memory_for_models(const ModelOptions& options) {
  const uint64_t free_bytes =
      sys::machine_memory().usable_bytes() + sys::process_memory().anonymous_bytes;
  return options.memory_bytes > 0 ? std::min(options.memory_bytes, free_bytes) : free_bytes;
}

Result<plan::Plan> plan_memory(const ModelOptions& options, const engine::LoadedModel& model,
                               kernels::KvType kv, const engine::Options& engine_options,
                               uint64_t reserved_bytes) {
  const model::ModelConfig& config = model.model().config();
  const uint64_t workspace =
      model::Workspace::size_bytes(config, engine::Engine::workspace_options(engine_options));
  plan::Wishes wishes{
      .n_ctx = options.n_ctx, .n_slots = options.n_slots, .n_cache_tokens = options.n_cache_tokens};
  if (options.caps_context) {
    const int64_t most = config.n_ctx_train;
    wishes.n_ctx = std::min(wishes.n_ctx, most);
    wishes.n_cache_tokens = std::min(wishes.n_cache_tokens, most * options.n_slots);
  }
  return plan::make_plan_beside(
      {.name = options.model,
       .weights_bytes = model.file().size_bytes(),
       .kv_bytes_per_token = model::kv_bytes_per_token(config, kv),
       .windowed_kv_bytes_per_token = model::windowed_kv_bytes_per_token(config, kv),
       .windowed_tokens =
           engine::Engine::windowed_pages(config, engine_options) * model::kPageTokens,
       .workspace_bytes = workspace,
       .n_ctx_train = config.n_ctx_train},
      {.usable_bytes = memory_for_models(options)}, wishes, reserved_bytes);
}

// Of the flags that llama-server has for keys and values too.
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

}  // namespace

Result<kernels::KvType> parse_kv_type(const std::string& name, std::string_view flag) {
  if (name == "i16") return kernels::KvType::kI16;
  if (name == "f16") return kernels::KvType::kF16;
  if (name == "f32") return kernels::KvType::kF32;
  if (name == "q8_0") return kernels::KvType::kQ8_0;
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

void declare_compute_flags(Flags& flags, int64_t& threads, std::string& kv) {
  flags.add("-t,--threads", &threads, "compute threads; 0: physical cores inside the CPU quota");
  flags.also_from("LLAMA_ARG_THREADS");
  flags.add("--kv", &kv, kKvHelp);
}

void declare_model_flags(Flags& flags, ModelOptions& options) {
  flags.add("-c,--ctx-size", &options.n_ctx, "tokens of context; 0: what fits in memory");
  flags.also_from("LLAMA_ARG_CTX_SIZE");
  declare_compute_flags(flags, options.threads, options.kv);
  flags.add("--cache-type-k", &options.cache_type_k, "the same as --kv, as llama-server spells it");
  flags.also_from("LLAMA_ARG_CACHE_TYPE_K");
  flags.add("--cache-type-v", &options.cache_type_v, "the same: keys and values have one type");
  flags.also_from("LLAMA_ARG_CACHE_TYPE_V");
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
  engine::Options engine_options{.n_slots = options_.n_slots,
                                 .n_threads = session.n_threads,
                                 .pool = options_.pool,
                                 .kv_type = kv_};
  if (options_.max_batch_rows > 0) {
    engine_options.max_batch_rows =
        std::min(engine_options.max_batch_rows, options_.max_batch_rows);
  }
  SAMOVAR_ASSIGN(session.plan, plan_memory(options_, *model_, kv_, engine_options, reserved_bytes));
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
