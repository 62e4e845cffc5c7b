// SmallVocabulary: hand-made vocabularies for tests and fuzzing: some hundred tokens, all bytes.
//
// Both know "hello", " world", "\u00e9", the control tokens <|im_start|> and <|im_end|> and the
// user-defined token <tool>.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/definition.h"

#include <deque>
#include <string>
#include <string_view>

namespace samovar::tokenizer {

class SmallVocabulary {
 public:
  static SmallVocabulary bpe();
  static SmallVocabulary spm();

  // Valid as long as this lives, wherever it is moved to.
  const Definition& definition() const { return definition_; }
  // A token more; RETURNS its id.
  Token add(std::string text, TokenKind kind = TokenKind::kNormal, float score = 0);

 private:
  void add_specials();
  void add_merge(const std::string& left, const std::string& right);

  std::deque<std::string> texts_;  // never moves its elements
  Definition definition_;
};

}  // namespace samovar::tokenizer
