// SPDX-License-Identifier: Apache-2.0
#include "sys/proc_text.h"

#include "sys/file.h"

#include <algorithm>
#include <charconv>

namespace samovar::sys {
namespace {

// The parts between any of `separators`.
std::vector<std::string_view> split_at(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

std::string read_small(const std::string& path) {
  std::string text = read_file(path, uint64_t{4} << 20).value_or("");
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  return split_at(text, {&separator, 1});
}

std::vector<std::string_view> words(std::string_view text) {
  return split_at(text, " \t");
}

std::optional<uint64_t> parse_u64(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<uint64_t> field_u64(std::string_view text, std::string_view name) {
  for (std::string_view line : split(text, '\n')) {
    if (line.substr(0, name.size()) != name) continue;
    line.remove_prefix(name.size());
    const size_t digits = line.find_first_not_of(": \t");
    if (digits == 0 || digits == line.npos) continue;  // 0: a longer name
    line.remove_prefix(digits);
    return parse_u64(line.substr(0, line.find_first_not_of("0123456789")));
  }
  return std::nullopt;
}

}  // namespace samovar::sys
