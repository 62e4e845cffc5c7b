#include "grammar/gbnf_characters.h"

#include "grammar/source_position.h"

#include <optional>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `at` stands on the letter behind the backslash.
Result<char32_t> read_hex(std::string_view text, size_t& at, size_t n_digits) {
  const size_t begin = at - 1;
  ++at;
  uint32_t value = 0;
  for (size_t i = 0; i < n_digits; ++i, ++at) {
    const int digit = at < text.size() ? hex_value(text[at]) : -1;
    if (digit < 0) return expected_error(text, at, fmt::format("{} hexadecimal digits", n_digits));
    value = value << 4 | static_cast<uint32_t>(digit);
  }
  if (value > kLastCodePoint || (value >= 0xD800 && value <= 0xDFFF)) {
    return source_error(text, begin, fmt::format("U+{:04X} is no character", value));
  }
  return static_cast<char32_t>(value);
}

std::optional<char32_t> simple_escape(char c) {
  switch (c) {
    case 't':
      return U'\t';
    case 'r':
      return U'\r';
    case 'n':
      return U'\n';
    case '\\':
    case '"':
    case '[':
    case ']':
    case '-':
    case '^':
      return static_cast<char32_t>(c);
    default:
      return std::nullopt;
  }
}

struct LeadByte {
  size_t n_bytes;  // 0: not one
  char32_t bits, least;
};

LeadByte lead_byte(unsigned char c) {
  if (c < 0x80) return {1, c, 0};
  if (c >= 0xC2 && c <= 0xDF) return {2, c & 0x1Fu, 0x80};
  if (c >= 0xE0 && c <= 0xEF) return {3, c & 0x0Fu, 0x800};
  if (c >= 0xF0 && c <= 0xF4) return {4, c & 0x07u, 0x10000};
  return {0, 0, 0};
}

}  // namespace

Result<char32_t> read_utf8(std::string_view text, size_t& at) {
  const LeadByte lead = lead_byte(static_cast<unsigned char>(text[at]));
  char32_t value = lead.bits;
  size_t n = 1;
  for (; n < lead.n_bytes && at + n < text.size(); ++n) {
    const auto byte = static_cast<unsigned char>(text[at + n]);
    if ((byte & 0xC0) != 0x80) break;
    value = value << 6 | (byte & 0x3Fu);
  }
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (n != lead.n_bytes || value < lead.least || value > kLastCodePoint || is_surrogate) {
    return source_error(text, at, "not UTF-8");
  }
  at += n;
  return value;
}

Result<char32_t> read_gbnf_character(std::string_view text, size_t& at) {
  if (text[at] != '\\') return read_utf8(text, at);
  const char c = ++at < text.size() ? text[at] : '\0';
  switch (c) {
    case 'x':
      return read_hex(text, at, 2);
    case 'u':
      return read_hex(text, at, 4);
    case 'U':
      return read_hex(text, at, 8);
    default:
      break;
  }
  const std::optional<char32_t> simple = simple_escape(c);
  if (!simple) return expected_error(text, at, R"(an escape (\x \u \U \t \r \n \\ \" \[ \]))");
  ++at;
  return *simple;
}

Result<std::string> read_gbnf_literal(std::string_view text, size_t& at) {
  const size_t begin = at++;
  std::string literal;
  while (at < text.size() && text[at] != '"') {
    SAMOVAR_ASSIGN(const char32_t c, read_gbnf_character(text, at));
    append_utf8(c, literal);
  }
  if (at >= text.size()) {
    return source_error(text, begin, "expected a closing '\"', found the end of the text");
  }
  ++at;
  return literal;
}

Result<CodePointSet> read_gbnf_class(std::string_view text, size_t& at) {
  const size_t begin = at++;
  const bool is_negated = at < text.size() && text[at] == '^';
  if (is_negated) ++at;
  CodePointSet set;
  while (at < text.size() && text[at] != ']') {
    const size_t range_begin = at;
    SAMOVAR_ASSIGN(const char32_t first, read_gbnf_character(text, at));
    char32_t last = first;
    if (at + 1 < text.size() && text[at] == '-' && text[at + 1] != ']') {
      ++at;
      SAMOVAR_ASSIGN(last, read_gbnf_character(text, at));
    }
    if (first > last) return source_error(text, range_begin, "the range ends before it begins");
    set.add(first, last);
  }
  if (at >= text.size()) {
    return source_error(text, begin, "expected a closing ']', found the end of the text");
  }
  ++at;
  return is_negated ? set.complement() : set;
}

}  // namespace samovar::grammar
