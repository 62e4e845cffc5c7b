// Vocabulary: the tokens of a model, what kind each is, and which play a special part.
//
// Knows token texts and ids; knows nothing of how text is cut into tokens (bpe, spm) nor of GGUF
// keys (definition.h). BORROWS the token texts: the file they came from must outlive it. Thread:
// const after construction, shared freely.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "tokenizer/definition.h"
#include "tokenizer/text_index.h"
#include "tokenizer/token.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::tokenizer {

class Vocabulary {
 public:
  // kCorrupt for kinds, scores, a bos or an eos that do not fit the texts, for two tokens of one
  // text, and for byte tokens that are not <0xHH>; kUnsupported for a model that is neither
  // "llama", "gpt2" nor "gemma4". Each names the key. Other special ids that do not fit are
  // ignored, with a warning.
  static Result<Vocabulary> create(const Definition& definition);

  size_t size() const { return texts_.size(); }
  bool contains(Token token) const { return token >= 0 && static_cast<size_t>(token) < size(); }

  // As the file spells it (U+2581 for a space, or GPT-2's byte alphabet). REQUIRES:
  // contains(token).
  std::string_view text(Token token) const { return texts_[index(token)]; }
  TokenKind kind(Token token) const { return kinds_[index(token)]; }
  // True for a token whose text is no part of an answer: control tokens and the unknown one, but
  // for the tags around thoughts and calls of tools, which some models have as control tokens.
  bool is_hidden(Token token) const;
  float score(Token token) const { return scores_.empty() ? 0.0F : scores_[index(token)]; }
  // The token with exactly this raw text, of whatever kind.
  std::optional<Token> find(std::string_view text) const { return index_.find(text, texts_); }
  // The same in two steps (TextIndex::prefetch).
  uint64_t prefetch(std::string_view text) const { return index_.prefetch(text); }
  std::optional<Token> find(std::string_view text, uint64_t hash) const {
    return index_.find(text, hash, texts_);
  }

  // Appends the bytes the token stands for: a special token's own text, one byte for a byte token,
  // nothing for an unused token. They need not be whole characters. REQUIRES: contains(token).
  void append_bytes(Token token, std::string& out) const;
  std::string bytes(Token token) const;
  // The byte token for `byte`, or, in a byte-level vocabulary, the one-byte token.
  std::optional<Token> byte_token(uint8_t byte) const { return byte_tokens_[byte]; }

  std::optional<Token> special(Special part) const { return specials_[static_cast<size_t>(part)]; }
  std::optional<Token> bos() const { return special(Special::kBos); }
  std::optional<Token> eos() const { return special(Special::kEos); }
  std::optional<Token> eot() const { return special(Special::kEot); }
  std::optional<Token> unknown() const { return special(Special::kUnknown); }
  std::optional<Token> padding() const { return special(Special::kPadding); }
  // Fill in the middle.
  std::optional<Token> fim_prefix() const { return special(Special::kFimPrefix); }
  std::optional<Token> fim_suffix() const { return special(Special::kFimSuffix); }
  std::optional<Token> fim_middle() const { return special(Special::kFimMiddle); }
  std::optional<Token> fim_pad() const { return special(Special::kFimPad); }
  std::optional<Token> fim_rep() const { return special(Special::kFimRep); }
  std::optional<Token> fim_sep() const { return special(Special::kFimSep); }

  // True for every token that ends an answer: eos, eot, eom, and the texts known to mean it.
  bool is_end_of_generation(Token token) const;
  // Ascending.
  const std::vector<Token>& end_of_generation() const { return end_of_generation_; }

  TextForm text_form() const { return text_form_; }
  bool add_bos() const { return add_bos_; }
  bool add_eos() const { return add_eos_; }
  // A space goes before text at the start and after each special token.
  bool add_space_prefix() const { return add_space_prefix_; }

 private:
  Vocabulary() = default;
  static size_t index(Token token) { return static_cast<size_t>(token); }
  Status take_texts(const Definition& definition);
  Status take_kinds(const Definition& definition);
  Status take_scores(const Definition& definition);
  Status take_specials(const Definition& definition);
  Status map_bytes();
  void derive_specials();
  void derive_end_of_generation();

  TextForm text_form_ = TextForm::kByteLevel;
  bool add_bos_ = false;
  bool add_eos_ = false;
  bool add_space_prefix_ = false;
  std::vector<std::string_view> texts_;  // [size()]
  std::vector<TokenKind> kinds_;         // [size()]
  std::vector<float> scores_;            // [size()], or empty: all 0
  TextIndex index_;
  std::array<std::optional<Token>, 256> byte_tokens_;
  std::array<std::optional<Token>, kSpecialCount> specials_;
  std::vector<Token> end_of_generation_;
};

}  // namespace samovar::tokenizer
