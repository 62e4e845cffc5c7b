#include "plan/plan.h"

#include "base/checked.h"
#include "kernels/table.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace samovar::plan {
namespace {

using kernels::kPageTokens;           // a context is whole pages
constexpr int64_t kMinContext = 512;  // below this a chat is of no use
constexpr int64_t kMaxContext = int64_t{1} << 24;
constexpr int64_t kMaxSlots = 256;

constexpr uint64_t kMiB = uint64_t{1} << 20;
// Of each token: texts and merges of the tokenizer 43, the trie of grammars 64.
constexpr uint64_t kVocabularyBytesPerToken = 107;
constexpr uint64_t kMaskBytes = 16 * kMiB;      // masks of the engine 12, compiled grammars 4
constexpr uint64_t kSamplerBytesPerToken = 16;  // of each token and slot

uint64_t mib(uint64_t bytes) {
  return (bytes + kMiB / 2) / kMiB;
}

Status check(const ModelFacts& model, const Wishes& wishes) {
  if (wishes.n_slots < 1 || wishes.n_slots > kMaxSlots) {
    return invalid_argument(
        fmt::format("parallel slots: expected 1 to {}, found {}", kMaxSlots, wishes.n_slots));
  }
  if (wishes.n_cache_tokens < 0 || wishes.n_cache_tokens > kMaxContext) {
    return invalid_argument(
        fmt::format("KV cache size: expected 0 (what fits) to {} tokens, found {}", kMaxContext,
                    wishes.n_cache_tokens));
  }
  if (wishes.n_ctx < 0 || wishes.n_ctx > kMaxContext) {
    return invalid_argument(fmt::format("context size: expected 0 (what fits) to {}, found {}",
                                        kMaxContext, wishes.n_ctx));
  }
  if (model.n_ctx_train > 0 && wishes.n_ctx > model.n_ctx_train) {
    return invalid_argument(
        fmt::format("context size {} is more than the {} tokens {} was trained for", wishes.n_ctx,
                    model.n_ctx_train, model.name));
  }
  return {};
}

int64_t whole_pages(int64_t tokens) {
  return (tokens + kPageTokens - 1) / kPageTokens * kPageTokens;
}

// Of n tokens in layers with a window.
uint64_t windowed_bytes(const ModelFacts& model, int64_t n) {
  return static_cast<uint64_t>(std::min(n, model.windowed_tokens)) *
         model.windowed_kv_bytes_per_token;
}

// Tokens, in whole pages, whose KV takes at most `bytes`.
int64_t tokens_in_bytes(const ModelFacts& model, uint64_t bytes) {
  const auto tokens_in = [](uint64_t n_bytes, uint64_t per_token) {
    return static_cast<int64_t>(
        std::min<uint64_t>(n_bytes / std::max<uint64_t>(1, per_token), kMaxContext));
  };
  const uint64_t windowed = windowed_bytes(model, kMaxContext);
  int64_t tokens = tokens_in(bytes, model.kv_bytes_per_token);
  if (tokens > model.windowed_tokens && windowed > 0) {
    tokens =
        tokens_in(bytes - windowed, model.kv_bytes_per_token - model.windowed_kv_bytes_per_token);
  }
  return tokens / kPageTokens * kPageTokens;
}

// So that a neighbour, the page cache and the next model have room too.
int64_t tokens_that_fit(const ModelFacts& model, uint64_t left_bytes) {
  return tokens_in_bytes(model, left_bytes / 2);
}

// KV bytes of n tokens; nothing when they can't be counted.
std::optional<uint64_t> kv_bytes(const ModelFacts& model, int64_t n) {
  const auto rest = checked_mul<uint64_t>(
      static_cast<uint64_t>(n), model.kv_bytes_per_token - model.windowed_kv_bytes_per_token);
  return rest ? checked_add<uint64_t>(*rest, windowed_bytes(model, n)) : std::nullopt;
}

int64_t context_that_fits(const ModelFacts& model, uint64_t left_bytes) {
  const int64_t trained = model.n_ctx_train > 0 ? model.n_ctx_train : kMaxContext;
  const int64_t least =
      std::min(kMinContext, whole_pages(std::max<int64_t>(model.n_ctx_train, kPageTokens)));
  const int64_t most = std::min(tokens_that_fit(model, left_bytes), trained);
  return std::max(most / kPageTokens * kPageTokens, least);
}

// All of the plan that no context decides.
Plan fixed_parts(const ModelFacts& model, const MachineFacts& machine, const Wishes& wishes) {
  Plan plan;
  plan.n_slots = wishes.n_slots;
  plan.weights_bytes = model.weights_bytes;
  plan.hot_bytes = model.hot_bytes;
  plan.workspace_bytes = model.workspace_bytes;
  if (model.n_vocab > 0) {
    const uint64_t per_token =
        kVocabularyBytesPerToken + kSamplerBytesPerToken * static_cast<uint64_t>(wishes.n_slots);
    plan.vocabulary_bytes = static_cast<uint64_t>(model.n_vocab) * per_token + kMaskBytes;
  }
  plan.http_bytes = wishes.http_bytes;
  plan.runtime_bytes = kRuntimeBytes;
  plan.usable_bytes = machine.usable_bytes;
  plan.swap_bytes = machine.swap_bytes;
  return plan;
}

uint64_t left_beside(const Plan& fixed) {
  return fixed.usable_bytes - std::min(fixed.usable_bytes, fixed.total_bytes());
}

}  // namespace

std::vector<LedgerLine> Plan::ledger() const {
  return {{"weights", weights_bytes,
           fmt::format("the file, mapped; {} MiB of it are read for each token", mib(hot_bytes))},
          {"KV cache", kv_bytes, fmt::format("{} tokens", n_cache_tokens)},
          {"workspace", workspace_bytes, "one step of the network"},
          {"prompt cache", 0, "lives in free pages of the KV cache"},
          {"vocabulary", vocabulary_bytes, "tokenizer, grammars, samplers"},
          {"HTTP", http_bytes, "request bodies that are read or answered"},
          {"runtime", runtime_bytes, "code, threads, buffers"}};
}

std::string Plan::summary() const {
  std::string text = fmt::format(
      "{} slot{} of up to {} tokens, {} in all: weights {} MiB mapped + KV {} MiB", n_slots,
      n_slots == 1 ? "" : "s", n_ctx, n_cache_tokens, mib(weights_bytes), mib(kv_bytes));
  const auto part = [&](const char* name, uint64_t bytes) {
    if (bytes > 0) text += fmt::format(" + {} {} MiB", name, mib(bytes));
  };
  part("workspace", workspace_bytes);
  part("vocabulary", vocabulary_bytes);
  part("HTTP", http_bytes);
  part("runtime", runtime_bytes);
  text += fmt::format(" = {} of {} MiB", mib(total_bytes()), mib(usable_bytes));
  if (swapped_bytes() > 0 && fits())
    text += fmt::format(", {} MiB of it in swap", mib(swapped_bytes()));
  return text;
}

Result<Plan> lay_out(const ModelFacts& model, const MachineFacts& machine, const Wishes& wishes) {
  SAMOVAR_TRY(check(model, wishes));
  Plan plan = fixed_parts(model, machine, wishes);
  const uint64_t left = left_beside(plan);
  plan.n_ctx = wishes.n_ctx > 0 ? whole_pages(wishes.n_ctx) : context_that_fits(model, left);
  plan.n_cache_tokens =
      wishes.n_cache_tokens > 0
          ? std::max(whole_pages(wishes.n_cache_tokens), plan.n_ctx)
          : std::clamp(tokens_that_fit(model, left), plan.n_ctx, plan.n_slots * plan.n_ctx);
  const auto kv = kv_bytes(model, plan.n_cache_tokens);
  if (!kv || !checked_add(*kv, plan.total_bytes())) {
    return resource_exhausted(fmt::format("{}: the KV cache of {} tokens is larger than any memory",
                                          model.name, plan.n_cache_tokens));
  }
  plan.kv_bytes = *kv;
  return plan;
}

Result<Plan> make_plan(const ModelFacts& model, const MachineFacts& machine, const Wishes& wishes) {
  SAMOVAR_ASSIGN(Plan plan, lay_out(model, machine, wishes));
  if (plan.fits()) return plan;
  return resource_exhausted(
      fmt::format("{} does not fit: {}; {} MiB are usable: take a smaller --ctx-size or a smaller "
                  "quantization (samovar plan tells which)",
                  model.name, plan.summary(), mib(plan.usable_bytes)));
}

Result<Plan> make_plan_beside(const ModelFacts& model, const MachineFacts& machine,
                              const Wishes& wishes, uint64_t reserved_bytes) {
  SAMOVAR_ASSIGN(Plan alone, make_plan(model, machine, wishes));
  if (reserved_bytes == 0) return alone;
  const uint64_t left = machine.usable_bytes - std::min(machine.usable_bytes, reserved_bytes);
  auto beside = make_plan(model, {.usable_bytes = left, .swap_bytes = machine.swap_bytes}, wishes);
  if (beside.ok() && beside->n_ctx >= std::min(alone.n_ctx, kContextBesideOthers)) return beside;
  return busy(fmt::format(
      "{} does not fit beside the loaded models, which have {} of {} usable MiB; alone "
      "it would take {} MiB",
      model.name, mib(reserved_bytes), mib(machine.usable_bytes), mib(alone.total_bytes())));
}

uint64_t http_budget_bytes(uint64_t usable_bytes) {
  // 64: a body of 21 MiB while it is parsed, or a text of 6 MiB while it becomes tokens.
  return std::clamp(usable_bytes / 16, 64 * kMiB, 128 * kMiB);
}

int64_t largest_context(const ModelFacts& model, const MachineFacts& machine,
                        const Wishes& wishes) {
  const int64_t fits = tokens_in_bytes(model, left_beside(fixed_parts(model, machine, wishes)));
  const int64_t trained = model.n_ctx_train > 0 ? model.n_ctx_train : kMaxContext;
  return std::min(fits, trained) / kPageTokens * kPageTokens;
}

uint64_t rule_of_thumb_bytes(uint64_t n_parameters, int bits) {
  return static_cast<uint64_t>(static_cast<double>(n_parameters) * 4 * 1.2 * bits / 32);
}

int quantization_bits(std::string_view quantization) {
  const size_t digits = quantization.find_first_of("0123456789");
  int bits = 0;
  if (digits != std::string_view::npos) {
    std::from_chars(quantization.data() + digits, quantization.data() + quantization.size(), bits);
  }
  return bits > 0 && bits <= 32 ? bits : 32;
}

}  // namespace samovar::plan
