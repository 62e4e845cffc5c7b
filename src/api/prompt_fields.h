// Prompts: text, token ids, or both mixed, one or many.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "json/json_fwd.h"
#include "tokenizer/tokenizer.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

inline constexpr size_t kMaxPrompts = 2048;  // of one request

// One prompt: a string, an array of ids and strings, or {"prompt_string": string}. `options` are
// for its first text; later ones get no begin token. Problems are left in `fields`, under `path`.
std::vector<int32_t> read_prompt(Fields& fields, const json::Value& prompt, const std::string& path,
                                 const tokenizer::Tokenizer& tokenizer,
                                 const tokenizer::EncodeOptions& options);
// Member `prompt`: one prompt, or an array of them. With begin token and control tokens.
std::vector<std::vector<int32_t>> read_prompts(Fields& fields,
                                               const tokenizer::Tokenizer& tokenizer);

// The texts of all tokens, control tokens included, one behind the other; may not be UTF-8.
std::string pieces_text(const tokenizer::Vocabulary& vocabulary, std::span<const int32_t> tokens);

}  // namespace samovar::api
