// SPDX-License-Identifier: Apache-2.0
#include "gguf/split_name.h"

#include "base/check.h"

#include <charconv>

namespace samovar::gguf {
namespace {

constexpr size_t kDigits = 5;
constexpr std::string_view kOf = "-of-";
constexpr std::string_view kSuffix = ".gguf";

std::optional<uint64_t> parse_digits(std::string_view text) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

std::string five_digits(uint64_t number) {
  const std::string digits = std::to_string(number);
  SAMOVAR_CHECK(digits.size() <= kDigits);
  return std::string(kDigits - digits.size(), '0') + digits;
}

}  // namespace

std::optional<SplitName> SplitName::parse(std::string_view path) {
  constexpr size_t kTailBytes = kDigits + kOf.size() + kDigits + kSuffix.size();
  if (path.size() <= kTailBytes) return std::nullopt;
  const std::string_view tail = path.substr(path.size() - kTailBytes);
  if (tail.substr(kDigits, kOf.size()) != kOf || !tail.ends_with(kSuffix)) return std::nullopt;
  const auto part = parse_digits(tail.substr(0, kDigits));
  const auto n_parts = parse_digits(tail.substr(kDigits + kOf.size(), kDigits));
  if (!part || !n_parts || *part < 1 || *part > *n_parts) return std::nullopt;
  return SplitName{std::string(path.substr(0, path.size() - kTailBytes)), *part, *n_parts};
}

std::string SplitName::path_of(uint64_t other_part) const {
  return prefix + five_digits(other_part) + std::string(kOf) + five_digits(n_parts) +
         std::string(kSuffix);
}

}  // namespace samovar::gguf
