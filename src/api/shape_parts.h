// What the answers of several APIs have in common: counts, times, chances of tokens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/answer_shape.h"
#include "json/json_fwd.h"
#include "tokenizer/vocabulary.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace samovar::api {

// "stop" or "length".
std::string_view finish_reason(const Outcome& outcome);

json::Value timings_json(const engine::Timings& timings);
// Of all choices; prompts count once each, with their first choice (`n` to a prompt).
engine::Timings total_timings(std::span<const Outcome> outcomes, int64_t n);
json::Value usage_json(const engine::Timings& timings);
json::Value progress_json(const PromptProgress& progress);

// Array of {"id", "token", "bytes", "logprob", "top_logprobs"}; with kDrawn "prob", "top_probs".
// A token without chances (a prompt's first) has null and none.
json::Value chances_json(std::span<const ShownToken> tokens, sample::ChanceKind kind,
                         const tokenizer::Vocabulary& vocabulary);

// The longest beginning of `bytes` that is UTF-8.
std::string_view valid_prefix(std::string_view bytes);
int64_t count_characters(std::string_view utf8);

}  // namespace samovar::api
