// Class patterns: runs of one kind of characters, as pre-tokenizers isolate them.
//
// Like the word patterns: each gives the end of the match at a position, or the position itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/text_reader.h"

#include <cstddef>

namespace samovar::tokenizer {

using CharTest = bool (*)(const ReadChar&);

// wanted+
template <CharTest kWanted>
size_t match_run(const TextReader& text, size_t pos) {
  return text.skip_while(pos, kWanted);
}

// \s?wanted+
template <CharTest kWanted>
size_t match_spaced_run(const TextReader& text, size_t pos) {
  const ReadChar first = text.at(pos);
  const size_t body = first.is(kSpace) ? pos + first.size : pos;
  const size_t end = text.skip_while(body, kWanted);
  return end > body ? end : pos;
}

// wanted
template <CharTest kWanted>
size_t match_one(const TextReader& text, size_t pos) {
  const ReadChar c = text.at(pos);
  return kWanted(c) ? pos + c.size : pos;
}

bool is_number(const ReadChar& c);       // \p{N}
bool is_letter(const ReadChar& c);       // \p{L}
bool is_punctuation(const ReadChar& c);  // \p{P}
bool is_newline(const ReadChar& c);      // [\r\n]
bool is_line_feed(const ReadChar& c);
bool is_symbol(const ReadChar& c);              // [\p{P}$+<=>^~|]
bool is_symbol_or_backtick(const ReadChar& c);  // Falcon
bool is_east_asian(const ReadChar& c);          // DeepSeek LLM and Coder
bool is_han_kana(const ReadChar& c);            // DeepSeek 3
// DeepSeek LLM: cased letters of Unicode 6.
bool is_old_cased(const ReadChar& c);
// DeepSeek LLM: [!-/:-~], their full-width twins, curly quotes, CJK comma and full stop.
bool is_ascii_like(const ReadChar& c);

// [0-9][0-9][0-9]
size_t match_three_digits(const TextReader& text, size_t pos);
// \p{N}{1,3}
size_t match_three_numbers(const TextReader& text, size_t pos);

}  // namespace samovar::tokenizer
