#include "api/context_limit.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr size_t kLongText = size_t{256} << 10;  // B: takes up to 9 MiB and 50 ms to cut

}  // namespace

ApiError context_exceeded(std::string message, int64_t n_tokens, int64_t n_ctx) {
  return {.type = "exceed_context_size_error",
          .code = "context_length_exceeded",
          .message = std::move(message),
          .n_prompt_tokens = n_tokens,
          .n_ctx = n_ctx};
}

std::optional<ApiError> check_length(std::string_view text, const tokenizer::Tokenizer& tokenizer,
                                     int64_t n_ctx) {
  if (text.size() <= kLongText) return std::nullopt;
  const auto n_least = static_cast<int64_t>(tokenizer.least_tokens(text));
  if (n_least <= n_ctx) return std::nullopt;
  return context_exceeded(
      fmt::format("the prompt of at least {} tokens exceeds the available context size of {} "
                  "tokens; shorten it, or start with a larger --ctx-size",
                  n_least, n_ctx),
      n_least, n_ctx);
}

std::optional<ApiError> check_prompt(const engine::Engine& engine,
                                     std::span<const int32_t> prompt) {
  const Status status = engine.check_prompt(prompt);
  if (status.ok()) return std::nullopt;
  if (prompt.empty()) return from_status(status);
  return context_exceeded(std::string(status.message()), static_cast<int64_t>(prompt.size()),
                          engine.options().n_ctx);
}

std::optional<ApiError> check_prompts(const engine::Engine& engine,
                                      std::span<const std::vector<int32_t>> prompts,
                                      EmptyPrompts empty) {
  for (const auto& prompt : prompts) {
    if (prompt.empty() && empty == EmptyPrompts::kTaken) continue;
    if (auto problem = check_prompt(engine, prompt)) return problem;
  }
  return std::nullopt;
}

}  // namespace samovar::api
