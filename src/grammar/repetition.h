// Numbers of repetitions, as GBNF and patterns write them: "{2,5}".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace samovar::grammar {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The number whose digits stand at `at`, which moves behind them; 0 without any. Nothing: it is
// over `max`, which fits into the result.
constexpr std::optional<uint32_t> read_count(std::string_view text, size_t& at, uint64_t max) {
  uint64_t value = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    value = value * 10 + static_cast<uint64_t>(text[at] - '0');
    if (value > max) return std::nullopt;
  }
  return static_cast<uint32_t>(value);
}

}  // namespace samovar::grammar
