// Splitters: hand-written matchers for the regular expressions that cut text into words.
//
// Each does what Hugging Face's Split with behaviour "isolated" does: every match becomes a piece,
// what lies between two matches becomes a piece too. Each is linear in the text and needs no memory
// but its output. Where llama.cpp and the authors' expression differ, the authors' stands.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace samovar::tokenizer {

// Appends the ends of the pieces of `text`, counted from `base`. The last is always
// base + text.size(). REQUIRES: text is not empty.
using Splitter = void (*)(std::string_view text, size_t base, std::vector<size_t>& ends);

// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
void split_gpt2(std::string_view text, size_t base, std::vector<size_t>& ends);
// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*
//     |\s*[\r\n]+|\s+(?!\S)|\s+
void split_llama3(std::string_view text, size_t base, std::vector<size_t>& ends);
// The same with \p{N} for \p{N}{1,3}.
void split_qwen2(std::string_view text, size_t base, std::vector<size_t>& ends);
// The same with [\p{L}\p{M}]+ for \p{L}+ and no \p{M} among the rest.
void split_qwen35(std::string_view text, size_t base, std::vector<size_t>& ends);
// As llama3, but words are [upper]*[lower]+ or [upper]+[lower]*, then an optional contraction;
// marks and uncased letters are both upper and lower; a symbol run takes [\r\n/]* along.
void split_gpt4o(std::string_view text, size_t base, std::vector<size_t>& ends);
// The same with \p{N} for \p{N}{1,3} and without contractions.
void split_tekken(std::string_view text, size_t base, std::vector<size_t>& ends);
// [ascii punctuation][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*
//     |\s*[\r\n]+|\s+(?!\S)|\s+
void split_deepseek3_words(std::string_view text, size_t base, std::vector<size_t>& ends);
//  ?[^(\s|.,!?)]+, with the full stops and commas of CJK, Devanagari and Arabic excluded too
void split_bloom(std::string_view text, size_t base, std::vector<size_t>& ends);

// \p{N}
void split_each_number(std::string_view text, size_t base, std::vector<size_t>& ends);
// \p{N}+
void split_numbers(std::string_view text, size_t base, std::vector<size_t>& ends);
// \p{N}{1,3}
void split_number_triples(std::string_view text, size_t base, std::vector<size_t>& ends);
// [0-9][0-9][0-9]
void split_digit_triples(std::string_view text, size_t base, std::vector<size_t>& ends);

// [\r\n]
void split_each_newline(std::string_view text, size_t base, std::vector<size_t>& ends);
// [^\n]+|[\n]+
void split_newline_runs(std::string_view text, size_t base, std::vector<size_t>& ends);
// \s+$
void split_trailing_space(std::string_view text, size_t base, std::vector<size_t>& ends);
// \s?\p{L}+
void split_spaced_letters(std::string_view text, size_t base, std::vector<size_t>& ends);
// \s?\p{P}+
void split_spaced_punctuation(std::string_view text, size_t base, std::vector<size_t>& ends);
// \s?[cased letters of Unicode 6]+  (DeepSeek LLM)
void split_spaced_cased(std::string_view text, size_t base, std::vector<size_t>& ends);
// \s?[!-/:-~]+, with their full-width twins, curly quotes and CJK comma and full stop (DeepSeek
// LLM)
void split_spaced_ascii(std::string_view text, size_t base, std::vector<size_t>& ends);
// [U+0800-U+9FA5 U+AC00-U+D7FF]+  (DeepSeek LLM and Coder)
void split_east_asian(std::string_view text, size_t base, std::vector<size_t>& ends);
// [U+4E00-U+9FA5 U+3040-U+30FF]+  (DeepSeek 3)
void split_han_kana(std::string_view text, size_t base, std::vector<size_t>& ends);
// [\p{P}$+<=>^~|]+
void split_symbols(std::string_view text, size_t base, std::vector<size_t>& ends);
// [\p{P}$+<=>^~|`]+  (Falcon)
void split_symbols_backtick(std::string_view text, size_t base, std::vector<size_t>& ends);

}  // namespace samovar::tokenizer
