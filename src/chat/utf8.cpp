#include "chat/utf8.h"

#include <utf8proc.h>

namespace samovar::chat::utf8 {
namespace {

utf8proc_category_t category(char32_t c) {
  return c == kInvalid ? UTF8PROC_CATEGORY_CN : utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

bool is_ascii_lower(char32_t c) {
  return c >= U'a' && c <= U'z';
}
bool is_ascii_upper(char32_t c) {
  return c >= U'A' && c <= U'Z';
}

}  // namespace

CodePoint decode_multibyte(std::string_view text, size_t at) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
  utf8proc_int32_t value = 0;
  const auto n_bytes =
      utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &value);
  if (n_bytes <= 0) return {kInvalid, 1};
  return {static_cast<char32_t>(value), static_cast<size_t>(n_bytes)};
}

CodePoint decode_before(std::string_view text, size_t end) {
  for (size_t n_bytes = 1; n_bytes <= 4 && n_bytes <= end; ++n_bytes) {
    const CodePoint c = decode(text.substr(0, end), end - n_bytes);
    if (c.n_bytes == n_bytes && c.value != kInvalid) return c;
  }
  return {kInvalid, 1};
}

void append(std::string& out, char32_t code_point) {
  utf8proc_uint8_t bytes[4];
  const auto n_bytes = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes);
  for (utf8proc_ssize_t i = 0; i < n_bytes; ++i) out.push_back(static_cast<char>(bytes[i]));
}

size_t length(std::string_view text) {
  size_t n = 0;
  for (size_t at = 0; at < text.size(); at += decode(text, at).n_bytes) ++n;
  return n;
}

size_t offset_of(std::string_view text, size_t index) {
  size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at += decode(text, at).n_bytes;
  return at;
}

bool is_space(char32_t c) {
  if (c < 0x80) return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20);
  return c == 0x85 || category(c) == UTF8PROC_CATEGORY_ZS || c == 0x2028 || c == 0x2029;
}

bool is_printable(char32_t c) {
  if (c < 0x80) return c >= 0x20 && c < 0x7F;
  switch (category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
      return false;
    default:
      return true;
  }
}

bool is_letter(char32_t c) {
  if (c < 0x80) return is_ascii_lower(c) || is_ascii_upper(c);
  const auto found = category(c);
  return found >= UTF8PROC_CATEGORY_LU && found <= UTF8PROC_CATEGORY_LO;
}

bool is_digit(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_ND;
}
bool is_lower(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_LL;
}
bool is_upper(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_LU;
}

char32_t to_upper(char32_t c) {
  if (c < 0x80) return is_ascii_lower(c) ? c - 0x20 : c;
  if (c == kInvalid) return c;
  return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
}

char32_t to_lower(char32_t c) {
  if (c < 0x80) return is_ascii_upper(c) ? c + 0x20 : c;
  if (c == kInvalid) return c;
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

}  // namespace samovar::chat::utf8
