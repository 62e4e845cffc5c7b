// Code points of UTF-8 text: what Python's str counts, cuts and changes the case of.
//
// A byte that is not UTF-8 counts as one code point and is copied as it is. Thread: pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::chat::utf8 {

struct CodePoint {
  char32_t value;  // kInvalid for a byte that is not UTF-8
  size_t n_bytes;  // 1..4
};
inline constexpr char32_t kInvalid = 0xFFFFFFFF;

// One that begins with a byte over 0x7F. REQUIRES: at < text.size().
CodePoint decode_multibyte(std::string_view text, size_t at);
// REQUIRES: at < text.size().
inline CodePoint decode(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  return lead < 0x80 ? CodePoint{lead, 1} : decode_multibyte(text, at);
}
// The code point that ends before `end`. REQUIRES: 0 < end <= text.size().
CodePoint decode_before(std::string_view text, size_t end);
void append(std::string& out, char32_t code_point);

size_t length(std::string_view text);
// The byte where code point `index` begins; text.size() when there are fewer.
size_t offset_of(std::string_view text, size_t index);

// As str.isspace, str.isprintable and str.isalpha of Python.
bool is_space(char32_t c);
bool is_printable(char32_t c);
bool is_letter(char32_t c);
bool is_digit(char32_t c);
bool is_lower(char32_t c);
bool is_upper(char32_t c);

char32_t to_upper(char32_t c);
char32_t to_lower(char32_t c);

}  // namespace samovar::chat::utf8
