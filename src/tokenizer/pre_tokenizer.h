// PreTokenizer: how a BPE model's text is cut into words before merging, by tokenizer.ggml.pre.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace samovar::tokenizer {

// Appends the ends of the pieces of `text`, counted from `base`; the last is base + text.size().
// Every match of a pattern becomes a piece, what lies between two matches becomes a piece too
// (Hugging Face's Split with behaviour "isolated"). REQUIRES: text is not empty, and ends below
// 2^32.
using Splitter = void (*)(std::string_view text, size_t base, std::vector<uint32_t>& ends);

struct PreTokenizer {
  std::string_view name;             // as in the table of pre_tokenizer.cpp, not the alias
  std::array<Splitter, 6> passes{};  // each cuts the pieces of the one before; null after the last
  bool whole_words = false;          // a word that is a token is not merged (HF's ignore_merges)
  bool add_bos = false;              // where the file does not say

  // Ends of the words of `text`, ascending; the last is text.size(). Empty for empty text.
  // REQUIRES: it is shorter than 2^32.
  void split(std::string_view text, std::vector<uint32_t>& ends) const;
};

// `pre` as in the file; empty (files of before mid-2024) gives the cut of that time. kUnsupported,
// naming the value, for one that samovar does not know. BORROWS nothing: the table is constant.
Result<const PreTokenizer*> find_pre_tokenizer(std::string_view pre);

}  // namespace samovar::tokenizer
