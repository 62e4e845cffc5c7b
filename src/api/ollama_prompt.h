// Prompts of Ollama's requests, made to fit the context.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/chat_format.h"
#include "api/ollama_request.h"
#include "api/served_model.h"

#include <cstdint>
#include <vector>

namespace samovar::api {

// The first `n_keep` tokens and the last ones, `n` in all. REQUIRES: n > 0.
std::vector<int32_t> cut_middle(std::vector<int32_t> tokens, int64_t n_keep, int64_t n);

// Where a prompt does not fit, this many of its tokens are left: the answer needs the others.
int64_t room_for_prompt(const OllamaOptions& options);

// The tokens of a conversation, its oldest turns left out as far as they do not fit and
// `wish.truncate` says so. The result may still be too long.
Result<std::vector<int32_t>> render_fitting(const ServedModel& served, const ChatPrompt& prompt,
                                            const OllamaRequest& wish, int64_t now_unix_s);

}  // namespace samovar::api
