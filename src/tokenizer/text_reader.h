// TextReader: the characters of a text with their classes, looked at from any position.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/char_class.h"
#include "tokenizer/utf8.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace samovar::tokenizer {

struct ReadChar {
  uint32_t code = 0;
  uint32_t size = 0;     // B; 0 at the end of the text
  ClassMask class_ = 0;  // 0 at the end of the text
  bool is(ClassMask mask) const { return (class_ & mask) != 0; }
  // In the text, but of none of these classes.
  bool is_none_of(ClassMask mask) const { return size != 0 && !is(mask); }
  bool is_newline() const { return size != 0 && (code == '\n' || code == '\r'); }
};

class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}

  size_t size() const { return text_.size(); }

  ReadChar at(size_t pos) const {
    const Utf8Char character = decode_utf8(text_, pos);
    if (character.size == 0) return {};
    return {character.code, character.size, class_of(character.code)};
  }

  // The first position from `pos` on whose character does not satisfy `wanted`.
  template <class Wanted>
  size_t skip_while(size_t pos, const Wanted& wanted) const {
    for (ReadChar c = at(pos); c.size != 0 && wanted(c); c = at(pos)) pos += c.size;
    return pos;
  }
  size_t skip(size_t pos, ClassMask mask) const {
    return skip_while(pos, [mask](const ReadChar& c) { return c.is(mask); });
  }

 private:
  std::string_view text_;
};

}  // namespace samovar::tokenizer
