#include "chat/string_literal.h"

#include "chat/utf8.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

constexpr std::string_view kLetters = "\\'\"abfnrtv";
constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";

// The digits of an escape that begins at raw[at]: at most n_max of them in `base`.
std::string_view digits_at(std::string_view raw, size_t at, size_t n_max, int base) {
  size_t end = at;
  while (end < raw.size() && end - at < n_max) {
    unsigned digit = 0;
    const char* from = raw.data() + end;
    if (std::from_chars(from, from + 1, digit, base).ec != std::errc()) break;
    ++end;
  }
  return raw.substr(at, end - at);
}

Status append_code_point(std::string& out, std::string_view digits, int base) {
  uint32_t code = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), code, base);
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
    return corrupt(fmt::format("escape names no character: {:#x}", code));
  }
  utf8::append(out, static_cast<char32_t>(code));
  return {};
}

}  // namespace

Result<std::string> decode_string_literal(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (size_t at = 0; at < raw.size();) {
    if (raw[at] != '\\' || at + 1 == raw.size()) {
      out += raw[at++];
      continue;
    }
    const char c = raw[at + 1];
    at += 2;
    const size_t letter = kLetters.find(c);
    const size_t n_hex = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (letter != std::string_view::npos) {
      out += kMeanings[letter];
    } else if (c == '\n') {
      continue;
    } else if (n_hex > 0) {
      const std::string_view digits = digits_at(raw, at, n_hex, 16);
      if (digits.size() != n_hex) {
        return corrupt(fmt::format("escape '\\{}' needs {} hexadecimal digits", c, n_hex));
      }
      SAMOVAR_TRY(append_code_point(out, digits, 16));
      at += n_hex;
    } else if (c >= '0' && c <= '7') {
      const std::string_view digits = digits_at(raw, at - 1, 3, 8);
      SAMOVAR_TRY(append_code_point(out, digits, 8));
      at += digits.size() - 1;
    } else {
      out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace samovar::chat
