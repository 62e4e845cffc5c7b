// SpecialMatcher: finds the texts of special tokens in text.
//
// Control tokens count only inside trusted text, user-defined ones everywhere. Of several matches
// at one place the longest counts, and the search goes from left to right, as in Hugging Face's
// AddedVocabulary. Cost: a byte that starts no special token costs one table look-up, any other a
// search among those that start with it.
// BORROWS the vocabulary's texts. Thread: const after construction.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/token.h"
#include "tokenizer/vocabulary.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace samovar::tokenizer {

class SpecialMatcher {
 public:
  struct Match {
    Token token;
    size_t size;  // B
  };

  // A longer token is never found: what it has in common with a text would be read again and again,
  // from each byte of it. Those of real models have some 100 bytes at most.
  static constexpr size_t kMaxTextBytes = 512;

  explicit SpecialMatcher(const Vocabulary& vocabulary);

  // The longest special token at text[pos]; a control token only if it ends by `trusted_end`.
  std::optional<Match> match(std::string_view text, size_t pos, size_t trusted_end) const;

 private:
  struct Entry {
    std::string_view text;
    Token token;
    bool control;
    const Entry* shorter = nullptr;  // the longest of those that `text` begins with
  };

  std::vector<Entry> entries_;                             // by text
  std::array<std::span<const Entry>, 256> by_first_byte_;  // into entries_
};

}  // namespace samovar::tokenizer
