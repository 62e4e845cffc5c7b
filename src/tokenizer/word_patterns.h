// Word patterns: hand-written matchers for the regular expressions that cut text into words.
//
// Each takes a position and gives the end of the match that starts there, or the position itself
// where there is none. Over a whole text each is linear, and none needs memory. Where llama.cpp and
// the authors' expression differ, the authors' stands.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/text_reader.h"

#include <cstddef>

namespace samovar::tokenizer {

// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
size_t match_gpt2(const TextReader& text, size_t pos);
// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*
//     |\s*[\r\n]+|\s+(?!\S)|\s+
size_t match_llama3(const TextReader& text, size_t pos);
// The same with \p{N} for \p{N}{1,3}.
size_t match_qwen2(const TextReader& text, size_t pos);
// The same with [\p{L}\p{M}]+ for \p{L}+ and no \p{M} among the rest.
size_t match_qwen35(const TextReader& text, size_t pos);
// As llama3, but words are [upper]*[lower]+ or [upper]+[lower]*, then an optional contraction;
// marks and uncased letters are both upper and lower; a symbol run takes [\r\n/]* along.
size_t match_gpt4o(const TextReader& text, size_t pos);
// The same with \p{N} for \p{N}{1,3} and without contractions.
size_t match_tekken(const TextReader& text, size_t pos);
// [ascii punctuation][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*
//     |\s*[\r\n]+|\s+(?!\S)|\s+
size_t match_deepseek3_words(const TextReader& text, size_t pos);
//  ?[^(\s|.,!?)]+, with the full stops and commas of CJK, Devanagari and Arabic excluded too
size_t match_bloom(const TextReader& text, size_t pos);

}  // namespace samovar::tokenizer
