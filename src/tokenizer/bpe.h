// Bpe: byte-pair encoding. Text is cut into words, then merged by rank within each.
//
// Byte-level vocabularies (GPT-2 and most others) start from bytes; Gemma 4's starts from
// characters with spaces escaped and falls back to byte tokens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "tokenizer/merge_table.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/text_model.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace samovar::tokenizer {

class Bpe final : public TextModel {
 public:
  // BORROWS the vocabulary.
  static Result<std::unique_ptr<const TextModel>> create(std::span<const std::string_view> merges,
                                                         const PreTokenizer& pre_tokenizer,
                                                         const Vocabulary& vocabulary);
  void encode(std::string_view text, std::vector<Token>& out) const override;

 private:
  struct Scratch;
  Bpe(MergeTable merges, const PreTokenizer& pre_tokenizer, const Vocabulary& vocabulary)
      : merges_(std::move(merges)), pre_tokenizer_(&pre_tokenizer), vocabulary_(&vocabulary) {}
  void encode_word(std::string_view word, Scratch& scratch, std::vector<Token>& out) const;
  Token whole_word(std::string_view word, Scratch& scratch) const;
  void cut_into_bytes(std::string_view word, std::vector<Piece>& pieces) const;
  bool is_byte_level() const { return vocabulary_->text_form() == TextForm::kByteLevel; }

  MergeTable merges_;
  const PreTokenizer* pre_tokenizer_;
  const Vocabulary* vocabulary_;
};

}  // namespace samovar::tokenizer
