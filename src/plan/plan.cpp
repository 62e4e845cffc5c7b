#include "plan/plan.h"

#include "base/checked.h"
#include "kernels/table.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace samovar::plan {
namespace {

using kernels::kPageTokens;           // a context is whole pages
constexpr int64_t kMinContext = 512;  // below this a chat is of no use
constexpr int64_t kMaxContext = int64_t{1} << 24;
constexpr int64_t kMaxSlots = 256;
constexpr uint64_t kRuntimeBytes = uint64_t{64}
                                   << 20;  // promise of docs/guides/memory: idle server

uint64_t mib(uint64_t bytes) {
  return (bytes + (uint64_t{1} << 19)) >> 20;
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

// Tokens, in whole pages, whose KV takes at most half of what is left, so that a neighbour, the
// page cache and the next model have room too.
int64_t tokens_that_fit(const ModelFacts& model, uint64_t left_bytes) {
  const auto tokens_in = [](uint64_t bytes, uint64_t per_token) {
    return static_cast<int64_t>(
        std::min<uint64_t>(bytes / std::max<uint64_t>(1, per_token), kMaxContext));
  };
  const uint64_t bytes = left_bytes / 2;
  const uint64_t windowed = windowed_bytes(model, kMaxContext);
  int64_t tokens = tokens_in(bytes, model.kv_bytes_per_token);
  if (tokens > model.windowed_tokens && windowed > 0) {
    tokens =
        tokens_in(bytes - windowed, model.kv_bytes_per_token - model.windowed_kv_bytes_per_token);
  }
  return tokens / kPageTokens * kPageTokens;
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

}  // namespace

std::string Plan::summary() const {
  return fmt::format(
      "{} slot{} of up to {} tokens, {} in all: weights {} MiB mapped + KV {} MiB + workspace {} "
      "MiB "
      "+ runtime {} MiB of {} MiB",
      n_slots, n_slots == 1 ? "" : "s", n_ctx, n_cache_tokens, mib(weights_bytes), mib(kv_bytes),
      mib(workspace_bytes), mib(runtime_bytes), mib(usable_bytes));
}

Result<Plan> make_plan(const ModelFacts& model, const MachineFacts& machine, const Wishes& wishes) {
  SAMOVAR_TRY(check(model, wishes));
  Plan plan;
  plan.n_slots = wishes.n_slots;
  plan.weights_bytes = model.weights_bytes;
  plan.workspace_bytes = model.workspace_bytes;
  plan.runtime_bytes = kRuntimeBytes;
  plan.usable_bytes = machine.usable_bytes;
  const uint64_t fixed = plan.total_bytes();
  const uint64_t left = machine.usable_bytes > fixed ? machine.usable_bytes - fixed : 0;

  plan.n_ctx = wishes.n_ctx > 0 ? whole_pages(wishes.n_ctx) : context_that_fits(model, left);
  plan.n_cache_tokens =
      wishes.n_cache_tokens > 0
          ? std::max(whole_pages(wishes.n_cache_tokens), plan.n_ctx)
          : std::clamp(tokens_that_fit(model, left), plan.n_ctx, plan.n_slots * plan.n_ctx);
  const auto kv = kv_bytes(model, plan.n_cache_tokens);
  if (!kv || *kv > left) {
    return resource_exhausted(
        fmt::format("{} does not fit: {} tokens of context need {} MiB of KV cache beside {} MiB "
                    "of weights, {} "
                    "MiB of workspace and {} MiB of runtime, but {} MiB are usable; take a smaller "
                    "--ctx-size or "
                    "a smaller quantization",
                    model.name, plan.n_cache_tokens, kv ? mib(*kv) : 0, mib(plan.weights_bytes),
                    mib(plan.workspace_bytes), mib(plan.runtime_bytes), mib(machine.usable_bytes)));
  }
  plan.kv_bytes = *kv;
  return plan;
}

Result<Plan> make_plan_beside(const ModelFacts& model, const MachineFacts& machine,
                              const Wishes& wishes, uint64_t reserved_bytes) {
  SAMOVAR_ASSIGN(Plan alone, make_plan(model, machine, wishes));
  if (reserved_bytes == 0) return alone;
  const uint64_t left = machine.usable_bytes - std::min(machine.usable_bytes, reserved_bytes);
  auto beside = make_plan(model, {.usable_bytes = left}, wishes);
  if (beside.ok() && beside->n_ctx >= std::min(alone.n_ctx, kContextBesideOthers)) return beside;
  return busy(fmt::format(
      "{} does not fit beside the loaded models, which have {} of {} usable MiB; alone "
      "it would take {} MiB",
      model.name, mib(reserved_bytes), mib(machine.usable_bytes), mib(alone.total_bytes())));
}

}  // namespace samovar::plan
