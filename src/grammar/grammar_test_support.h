// Whole texts against a grammar: what the tests of this folder share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/grammar.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::grammar {

using Texts = std::vector<std::string_view>;

inline bool matches(const Grammar& grammar, std::string_view text) {
  Matcher matcher = grammar.matcher();
  matcher.accept(text);
  return matcher.can_end();
}

inline void check_texts(const Result<Grammar>& grammar, const Texts& accepted,
                        const Texts& rejected) {
  REQUIRE_MESSAGE(grammar.ok(), std::string(grammar.status().message()));
  for (const std::string_view text : accepted) {
    CAPTURE(text);
    CHECK(matches(*grammar, text));
  }
  for (const std::string_view text : rejected) {
    CAPTURE(text);
    CHECK_FALSE(matches(*grammar, text));
  }
}

inline std::string repeated(std::string_view text, size_t n) {
  std::string result;
  for (size_t i = 0; i < n; ++i) result += text;
  return result;
}

}  // namespace samovar::grammar
