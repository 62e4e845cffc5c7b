// MergeTable: the merges of a BPE vocabulary, as pairs of token ids.
//
// One flat table of ranks; the pairs themselves lie in rank order. Thread: const after build().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "tokenizer/join.h"
#include "tokenizer/token.h"
#include "tokenizer/vocabulary.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace samovar::tokenizer {

class MergeTable {
 public:
  // `merges`: "left right", best first; of equal ones the first counts. kCorrupt, naming the key,
  // for one whose pieces or whose result are no tokens. Merges that would make a control token out
  // of plain text are left out.
  static Result<MergeTable> build(std::span<const std::string_view> merges,
                                  const Vocabulary& vocabulary);

  size_t size() const { return pairs_.size(); }
  // What `left` and `right` become; Join::none() if they do not merge.
  Join find(Token left, Token right) const;

 private:
  struct Pair {
    Token left;
    Token right;
    Token result;
  };
  struct Slot {
    uint32_t tag;   // upper half of the hash
    uint32_t rank;  // kEmpty: free
  };
  static constexpr uint32_t kEmpty = UINT32_MAX;

  // A merge cut in two, on its way through the vocabulary's index.
  struct Pieces {
    std::string_view left;
    std::string_view right;
    uint64_t left_hash;
    uint64_t right_hash;
  };
  static Result<Pieces> cut(std::string_view merge, size_t rank, const Vocabulary& vocabulary);
  Status add(const Pieces& pieces, const Vocabulary& vocabulary);
  void index(uint32_t rank);

  size_t mask_ = 0;
  std::vector<Slot> slots_;  // [mask_ + 1], a power of two
  std::vector<Pair> pairs_;  // [rank]
};

}  // namespace samovar::tokenizer
