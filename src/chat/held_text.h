// What a reader of text that comes in pieces must hold back. Thread: pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace samovar::chat {

inline constexpr std::string_view kBlanks = " \t\r\n";

inline std::string_view without_leading_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text;
}

inline std::string_view without_trailing_blanks(std::string_view text) {
  const size_t last = text.find_last_not_of(kBlanks);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// The longest end of `text` that begins `tag` but is not all of it. REQUIRES: a tag.
inline size_t begun_size(std::string_view text, std::string_view tag) {
  size_t n = std::min(text.size(), tag.size() - 1);
  while (n > 0 && !text.ends_with(tag.substr(0, n))) --n;
  return n;
}

// The same with the blanks before it.
inline size_t held_size(std::string_view text, std::string_view tag) {
  const size_t n = begun_size(text, tag);
  return text.size() - without_trailing_blanks(text.substr(0, text.size() - n)).size();
}

// Calls `step` until it leaves `state` as it is.
template <class State, class Step>
void step_until_settled(const State& state, Step step) {
  State before = state;
  do {
    before = state;
    step();
  } while (state != before);
}

}  // namespace samovar::chat
