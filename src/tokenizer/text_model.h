// TextModel: plain text, free of special tokens, to ids. Two kinds: Bpe and Spm.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/join.h"
#include "tokenizer/token.h"
#include "tokenizer/vocabulary.h"

#include <string>
#include <string_view>
#include <vector>

namespace samovar::tokenizer {

class TextModel {
 public:
  virtual ~TextModel() = default;
  // Appends the ids of `text`, any bytes. REQUIRES: text.size() <= kMaxModelText.
  virtual void encode(std::string_view text, std::vector<Token>& out) const = 0;
};

// B; positions in a text, spaces escaped (three times as long), are 32-bit.
inline constexpr size_t kMaxModelText = size_t{1} << 30;

// B; a longer word is merged in parts of at most this size, each of whole characters: to merge a
// part takes 32 times its size in memory. No text for people has such words, but Chinese in an SPM
// vocabulary is one word to us: one token in a million bytes may then differ.
inline constexpr size_t kMaxWordPart = size_t{1} << 20;

// The size of the first part of `word`.
size_t first_part(std::string_view word);

// The token that plain `text` may become as a whole, or kNoToken.
Token find_plain(const Vocabulary& vocabulary, std::string_view text);

// `text` with each ' ' as U+2581.
void append_space_escaped(std::string_view text, std::string& out);

// Each character of `word` as a piece (of bytes that are no character, each start of one).
void cut_into_characters(const Vocabulary& vocabulary, std::string_view word,
                         std::vector<Piece>& pieces);

// Appends the tokens of `pieces`; a piece that is no token gives byte tokens, or the unknown token
// for each byte that has none.
void append_tokens(const Vocabulary& vocabulary, std::string_view word,
                   const std::vector<Piece>& pieces, std::vector<Token>& out);

}  // namespace samovar::tokenizer
