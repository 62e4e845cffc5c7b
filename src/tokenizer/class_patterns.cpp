#include "tokenizer/class_patterns.h"

namespace samovar::tokenizer {
namespace {

constexpr bool in_range(uint32_t code, uint32_t first, uint32_t last) {
  return code >= first && code <= last;
}

}  // namespace

bool is_number(const ReadChar& c) {
  return c.is(kNumber);
}

bool is_letter(const ReadChar& c) {
  return c.is(kLetter);
}

bool is_punctuation(const ReadChar& c) {
  return c.is(kPunctuation);
}

bool is_newline(const ReadChar& c) {
  return c.is_newline();
}

bool is_line_feed(const ReadChar& c) {
  return c.code == '\n';
}

bool is_east_asian(const ReadChar& c) {
  return in_range(c.code, 0x0800, 0x9FA5) || in_range(c.code, 0xAC00, 0xD7FF);
}

bool is_han_kana(const ReadChar& c) {
  return in_range(c.code, 0x4E00, 0x9FA5) || in_range(c.code, 0x3040, 0x30FF);
}

bool is_symbol(const ReadChar& c) {
  switch (c.code) {
    case '$':
    case '+':
    case '<':
    case '=':
    case '>':
    case '^':
    case '~':
    case '|':
      return true;
    default:
      return c.is(kPunctuation);
  }
}

bool is_symbol_or_backtick(const ReadChar& c) {
  return c.code == '`' || is_symbol(c);
}

// Cased letters, but for the blocks that came to Unicode (or became cased) later than DeepSeek's
// list.
bool is_old_cased(const ReadChar& c) {
  if (!c.is(kUpper | kLower)) return false;
  return !in_range(c.code, 0x0560, 0x0588) && !in_range(c.code, 0x10C7, 0x10FF) &&
         !in_range(c.code, 0x1C80, 0x1C8F) && !in_range(c.code, 0x2D00, 0x2D2D) &&
         !in_range(c.code, 0xA790, 0xA7FF) && !in_range(c.code, 0xAB30, 0xAB6F) &&
         !in_range(c.code, 0x10570, 0x105BF) && !in_range(c.code, 0x16E40, 0x16E7F) &&
         !in_range(c.code, 0x1D400, 0x1DFFF);
}

// Letters too, as ':' to '~' spans them. U+3000 counts as white space only.
bool is_ascii_like(const ReadChar& c) {
  return in_range(c.code, '!', '/') || in_range(c.code, ':', '~') ||
         in_range(c.code, 0xFF01, 0xFF0F) || in_range(c.code, 0xFF1A, 0xFF5E) ||
         in_range(c.code, 0x2018, 0x201F) || in_range(c.code, 0x3001, 0x3002);
}

size_t match_three_digits(const TextReader& text, size_t pos) {
  for (size_t i = 0; i < 3; ++i) {
    const ReadChar c = text.at(pos + i);
    if (c.size == 0 || !in_range(c.code, '0', '9')) return pos;
  }
  return pos + 3;
}

size_t match_three_numbers(const TextReader& text, size_t pos) {
  for (int i = 0; i < 3; ++i) pos = match_one<is_number>(text, pos);
  return pos;
}

}  // namespace samovar::tokenizer
