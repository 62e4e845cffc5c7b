// Prompts longer than the context: how a client hears of them, and texts that are known to be too
// long before they are cut into tokens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/error.h"
#include "engine/engine.h"
#include "tokenizer/tokenizer.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

// 400: `n_tokens` where the context holds `n_ctx`, as `message` says.
ApiError context_exceeded(std::string message, int64_t n_tokens, int64_t n_ctx);

// For a text that surely has more than `n_ctx` tokens. Looks only at long texts, whose tokens take
// much time and memory to find; an exact check follows when they are found.
std::optional<ApiError> check_length(std::string_view text, const tokenizer::Tokenizer& tokenizer,
                                     int64_t n_ctx);

// For a prompt that has no tokens or does not fit; below for the first of several.
std::optional<ApiError> check_prompt(const engine::Engine& engine, std::span<const int32_t> prompt);
enum class EmptyPrompts : uint8_t { kRefused, kTaken };
std::optional<ApiError> check_prompts(const engine::Engine& engine,
                                      std::span<const std::vector<int32_t>> prompts,
                                      EmptyPrompts empty);

}  // namespace samovar::api
