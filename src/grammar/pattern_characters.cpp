#include "grammar/pattern_characters.h"

#include "grammar/gbnf_characters.h"
#include "grammar/repetition.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

CodePointSet digits() {
  return {{'0', '9'}};
}
CodePointSet word_characters() {
  return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
}
// ECMA-262, WhiteSpace and LineTerminator.
CodePointSet spaces() {
  return {{'\t', '\r'},     {' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
          {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
}

std::optional<CodePointSet> named_class(char letter) {
  switch (letter) {
    case 'd':
      return digits();
    case 'D':
      return digits().complement();
    case 'w':
      return word_characters();
    case 'W':
      return word_characters().complement();
    case 's':
      return spaces();
    case 'S':
      return spaces().complement();
    default:
      return std::nullopt;
  }
}

std::optional<char32_t> control_escape(char letter) {
  switch (letter) {
    case 't':
      return U'\t';
    case 'n':
      return U'\n';
    case 'v':
      return U'\v';
    case 'f':
      return U'\f';
    case 'r':
      return U'\r';
    default:
      return std::nullopt;
  }
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// `at` on "x" or "u".
Result<CodePointSet> read_code(std::string_view pattern, size_t& at) {
  const size_t begin = at - 1;
  const bool is_braced = pattern.substr(at, 2) == "u{";
  size_t n_digits = pattern[at] == 'x' ? 2 : 4;
  at += is_braced ? 2 : 1;
  if (is_braced) {
    const size_t close = pattern.find('}', at);
    n_digits = close == std::string_view::npos ? 0 : close - at;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  uint32_t value = 0;
  if (n_digits == 0 || n_digits > 6) return pattern_error(pattern, begin, "a wrong escape");
  for (size_t i = 0; i < n_digits; ++i, ++at) {
    const char c = at < pattern.size() ? pattern[at] : '\0';
    const size_t digit = kHex.find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
    if (digit == std::string_view::npos) return pattern_error(pattern, begin, "a wrong escape");
    value = value << 4 | static_cast<uint32_t>(digit);
  }
  if (is_braced) ++at;
  CodePointSet set;
  if (value <= kLastCodePoint) set.add(value, value);
  if (set.empty()) return pattern_error(pattern, begin, "an escape that is no character");
  return set;
}

char32_t only_member(const CodePointSet& set) {
  return set.ranges().front().first;
}
bool is_single(const CodePointSet& set) {
  const auto& ranges = set.ranges();
  return ranges.size() == 1 && ranges.front().first == ranges.front().last;
}

// Behind "\p", "\P" or "\k": what stands in its brackets.
Status skip_name(std::string_view pattern, size_t begin, size_t& at, char open, char close) {
  if (at >= pattern.size() || pattern[at] != open) return {};
  const size_t end = pattern.find(close, at);
  if (end == std::string_view::npos) return pattern_error(pattern, begin, "a wrong escape");
  at = end + 1;
  return {};
}

// At a letter or digit whose meaning is not supported; moves behind all of the escape.
Status skip_escape(std::string_view pattern, size_t begin, size_t& at) {
  const char c = pattern[at++];
  if (c == 'p' || c == 'P') return skip_name(pattern, begin, at, '{', '}');
  if (c == 'k') return skip_name(pattern, begin, at, '<', '>');
  if (c == 'c' && at < pattern.size()) ++at;
  while (is_digit(c) && at < pattern.size() && is_digit(pattern[at])) ++at;
  return {};
}

Result<CodePointSet> read_class_member(std::string_view pattern, size_t& at, bool& is_supported) {
  if (pattern.substr(at, 2) == "\\b") {  // a backspace, only here
    at += 2;
    return CodePointSet{{'\b', '\b'}};
  }
  if (pattern[at] == '\\') return read_pattern_escape(pattern, at, is_supported);
  return read_pattern_literal(pattern, at);
}

}  // namespace

Status pattern_error(std::string_view pattern, size_t at, std::string_view message) {
  const std::string_view before = pattern.substr(0, at);
  const auto n = std::count_if(before.begin(), before.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  return invalid_argument(fmt::format("character {}: {}", n + 1, message));
}

CodePointSet pattern_dot() {
  return CodePointSet{{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}}.complement();
}

Result<CodePointSet> read_pattern_escape(std::string_view pattern, size_t& at, bool& is_supported) {
  const size_t begin = at++;
  if (at >= pattern.size()) return pattern_error(pattern, begin, "an escape without a character");
  const char c = pattern[at];
  if (c == 'x' || c == 'u') return read_code(pattern, at);
  if (auto named = named_class(c)) {
    ++at;
    return *std::move(named);
  }
  if (const auto control = control_escape(c)) {
    ++at;
    return CodePointSet{{*control, *control}};
  }
  const bool next_is_digit = at + 1 < pattern.size() && is_digit(pattern[at + 1]);
  if (c == '0' && !next_is_digit) {
    ++at;
    return CodePointSet{{0, 0}};
  }
  if (is_alphanumeric(c)) {
    is_supported = false;
    SAMOVAR_TRY(skip_escape(pattern, begin, at));
    return CodePointSet();
  }
  return read_pattern_literal(pattern, at);
}

Result<CodePointSet> read_pattern_literal(std::string_view pattern, size_t& at) {
  const size_t begin = at;
  const Result<char32_t> c = read_utf8(pattern, at);
  if (!c.ok()) return pattern_error(pattern, begin, "not UTF-8");
  return CodePointSet{{*c, *c}};
}

Result<CodePointSet> read_pattern_class(std::string_view pattern, size_t& at, bool& is_supported) {
  const size_t begin = at++;
  const bool is_negated = at < pattern.size() && pattern[at] == '^';
  if (is_negated) ++at;
  CodePointSet set;
  while (at < pattern.size() && pattern[at] != ']') {
    const size_t member_begin = at;
    SAMOVAR_ASSIGN(const CodePointSet first, read_class_member(pattern, at, is_supported));
    const bool is_range = at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']';
    if (!is_range) {
      set.add(first);
      continue;
    }
    ++at;
    SAMOVAR_ASSIGN(const CodePointSet last, read_class_member(pattern, at, is_supported));
    if (!is_supported) continue;
    if (!is_single(first) || !is_single(last) || only_member(first) > only_member(last)) {
      return pattern_error(pattern, member_begin, "a range that is none");
    }
    set.add(only_member(first), only_member(last));
  }
  if (at >= pattern.size()) return pattern_error(pattern, begin, "expected a closing ']'");
  ++at;
  return is_negated ? set.complement() : set;
}

}  // namespace samovar::grammar
