// Which texts mean which special part, for files whose keys do not say.
//
// Facts about published models; where a file gives a key, the key wins.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/token.h"

#include <span>
#include <string_view>

namespace samovar::tokenizer {

struct SpecialText {
  Special part;
  std::string_view text;
};

// For each part the first text that the vocabulary has is taken.
std::span<const SpecialText> special_texts();
// Tokens with these texts end an answer.
std::span<const std::string_view> end_texts();
// Markers inside an answer: control in form, yet part of the text (gpt-oss).
std::span<const std::string_view> visible_texts();

}  // namespace samovar::tokenizer
