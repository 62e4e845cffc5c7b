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

// At "\"; moves behind the escape: one character, or a class such as \d. Of an escape that is not
// supported (a property, a reference, a border) the set is empty and `is_supported` becomes false.
Result<CodePointSet> read_pattern_escape(std::string_view pattern, size_t& at, bool& is_supported);

// At "["; moves behind "]".
Result<CodePointSet> read_pattern_class(std::string_view pattern, size_t& at, bool& is_supported);

// A character that stands for itself.
Result<CodePointSet> read_pattern_literal(std::string_view pattern, size_t& at);

// What "." stands for.
CodePointSet pattern_dot();

}  // namespace samovar::grammar
