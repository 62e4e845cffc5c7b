// StreamDecoder: tokens in, whole characters out.
//
// Holds back the bytes of an unfinished character until the tokens that finish it come, so every
// string it gives is valid UTF-8. Bytes that can be no part of a character become U+FFFD as soon as
// that is certain (one per longest impossible start, as the Unicode standard advises).
// BORROWS the vocabulary. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/token.h"
#include "tokenizer/vocabulary.h"

#include <string>

namespace samovar::tokenizer {

class StreamDecoder {
 public:
  // With unparse_special, control tokens appear as their texts. A continuation: the first token's
  // leading space is kept.
  explicit StreamDecoder(const Vocabulary& vocabulary, bool unparse_special = false)
      : vocabulary_(&vocabulary), unparse_special_(unparse_special) {}

  // What became certain with this token; may be empty. Ids outside the vocabulary add nothing.
  std::string push(Token token);
  // The rest; unfinished bytes become U+FFFD. The decoder is then as new.
  std::string flush();
  // Bytes held back, waiting for their character's end (at most 3).
  size_t held_bytes() const { return held_.size(); }

 private:
  const Vocabulary* vocabulary_;
  bool unparse_special_;
  std::string held_;
};

}  // namespace samovar::tokenizer
