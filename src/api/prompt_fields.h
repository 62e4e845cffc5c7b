// Prompts: text, token ids, or both mixed, one or many.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "json/json_fwd.h"
#include "tokenizer/tokenizer.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

inline constexpr size_t kMaxPrompts = 2048;  // of one request, and choices of all of them

// How the texts of a prompt become tokens.
struct PromptOptions {
  tokenizer::EncodeOptions encode;
  // Texts that surely have more tokens are refused before they are cut into them.
  int64_t n_ctx = std::numeric_limits<int64_t>::max();
};

// One prompt: a string, an array of ids and strings, or {"prompt_string": string}. `options` are
// for its first text; later ones get no begin token. Problems are left in `fields`, under `path`.
std::vector<int32_t> read_prompt(Fields& fields, const json::Value& prompt, const std::string& path,
                                 const tokenizer::Tokenizer& tokenizer,
                                 const PromptOptions& options);
// Reads one prompt; problems are left in the fields, under `path`.
using PromptReader =
    std::function<std::vector<int32_t>(const json::Value& prompt, const std::string& path)>;
// Member `name`: one prompt, or an array of them.
std::vector<std::vector<int32_t>> read_prompts(Fields& fields, const std::string& name,
                                               const PromptReader& read_one);
// Member `prompt`, with begin token and control tokens, for a context of `n_ctx` tokens.
std::vector<std::vector<int32_t>> read_prompts(Fields& fields,
                                               const tokenizer::Tokenizer& tokenizer,
                                               int64_t n_ctx);

// The texts of all tokens, control tokens included, one behind the other; may not be UTF-8.
std::string pieces_text(const tokenizer::Vocabulary& vocabulary, std::span<const int32_t> tokens);

}  // namespace samovar::api
