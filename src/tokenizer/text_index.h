// TextIndex: from a text to its position in a list of texts; one flat table, no strings of its own.
//
// Open addressing; each slot keeps part of the hash, so a miss seldom touches a text.
// Thread: const after build().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/token.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace samovar::tokenizer {

class TextIndex {
 public:
  // Lookups whose slots are worth waiting for together (prefetch()).
  static constexpr size_t kAtOnce = 16;

  // Indexes all texts that are not empty. RETURNS the positions of two equal texts, if there are
  // any.
  std::optional<std::pair<Token, Token>> build(std::span<const std::string_view> texts);
  // `texts` as given to build().
  std::optional<Token> find(std::string_view text, std::span<const std::string_view> texts) const {
    return find(text, prefetch(text), texts);
  }
  // Has the slot of `text` fetched into the cache, for a find() a few texts later: many lookups in
  // a row wait for memory together. RETURNS the hash to give to it.
  uint64_t prefetch(std::string_view text) const;
  std::optional<Token> find(std::string_view text, uint64_t hash,
                            std::span<const std::string_view> texts) const;

 private:
  struct Slot {
    uint32_t tag;    // upper half of the hash
    Token position;  // kEmpty: free
  };
  static constexpr Token kEmpty = -1;

  size_t mask_ = 0;
  std::vector<Slot> slots_;  // [mask_ + 1], a power of two
};

}  // namespace samovar::tokenizer
