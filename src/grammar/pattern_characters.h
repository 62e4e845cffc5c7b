// Characters of patterns: escapes and classes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/code_point_set.h"

#include <cstddef>
#include <string_view>

namespace samovar::grammar {

// "character 4: MESSAGE".
Status pattern_error(std::string_view pattern, size_t at, std::string_view message);

// At "\"; moves behind the escape: one character, or a class such as \d.
Result<CodePointSet> read_pattern_escape(std::string_view pattern, size_t& at);

// At "["; moves behind "]".
Result<CodePointSet> read_pattern_class(std::string_view pattern, size_t& at);

// A character that stands for itself.
Result<CodePointSet> read_pattern_literal(std::string_view pattern, size_t& at);

// What "." stands for.
CodePointSet pattern_dot();

}  // namespace samovar::grammar
