// One UTF-8 character at a time, from bytes that may be anything.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::tokenizer {

inline constexpr uint32_t kReplacement = 0xFFFD;
inline constexpr std::string_view kReplacementBytes = "\xEF\xBF\xBD";

struct Utf8Char {
  uint32_t code = kReplacement;
  uint32_t size = 0;   // B; of bytes that are no character, the longest start of one (at least 1)
  bool valid = false;  // no overlong forms, no surrogates, at most U+10FFFF
  bool truncated = false;  // not valid, but more bytes could make it so
};

// REQUIRES: text[pos] exists and is not ASCII.
Utf8Char decode_multibyte(std::string_view text, size_t pos);

// The character at `text[pos]`; size 0 at the end.
inline Utf8Char decode_utf8(std::string_view text, size_t pos) {
  if (pos >= text.size()) return {};
  const auto first = static_cast<uint8_t>(text[pos]);
  return first < 0x80 ? Utf8Char{first, 1, true, false} : decode_multibyte(text, pos);
}

// REQUIRES: code is a Unicode scalar value.
void append_utf8(uint32_t code, std::string& out);

}  // namespace samovar::tokenizer
