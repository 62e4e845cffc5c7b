// Spm: SentencePiece's score-driven merging, as GGUF "llama" models use it.
//
// The whole text is one word: spaces become U+2581, characters merge to the neighbour pair whose
// token has the best score, what is no token falls back to bytes. Text is cut in advance only where
// no token of the vocabulary could reach across, so that long texts merge in small, cached parts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/text_model.h"

#include <array>
#include <memory>
#include <string_view>
#include <vector>

namespace samovar::tokenizer {

class Spm final : public TextModel {
 public:
  // BORROWS the vocabulary.
  explicit Spm(const Vocabulary& vocabulary);
  void encode(std::string_view text, std::vector<Token>& out) const override;

 private:
  struct Scratch;
  size_t part_end(std::string_view text) const;
  void encode_part(std::string_view part, Scratch& scratch, std::vector<Token>& out) const;
  Join join(std::string_view part, const Piece& left, const Piece& right) const;

  const Vocabulary* vocabulary_;
  // Bytes that come right before a U+2581 inside some token (other than that mark's own end).
  std::array<bool, 256> joins_space_{};
};

}  // namespace samovar::tokenizer
