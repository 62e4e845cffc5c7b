// Characters of GBNF: UTF-8 and escapes in literals and classes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/code_point_set.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace samovar::grammar {

// The code point of well-formed UTF-8 at `at`, which moves behind it; kInvalidArgument otherwise.
// REQUIRES: at < text.size().
Result<char32_t> read_utf8(std::string_view text, size_t& at);

// One character or escape of a literal or class. REQUIRES: at < text.size().
Result<char32_t> read_gbnf_character(std::string_view text, size_t& at);

// At an opening quote; moves behind the closing one. The UTF-8 of the literal.
Result<std::string> read_gbnf_literal(std::string_view text, size_t& at);

// At "["; moves behind "]".
Result<CodePointSet> read_gbnf_class(std::string_view text, size_t& at);

}  // namespace samovar::grammar
