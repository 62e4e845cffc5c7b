// Patterns: the regular expressions of JSON Schema (ECMA-262), as syntax of JSON strings.
//
// Literals, ".", classes, \d \w \s and their negations, groups, "|", quantifiers, and "^" and "$"
// at the ends. Where one of those is missing, any text may stand there. Look-around, references,
// properties, word borders, inner anchors and repetitions over Limits::max_repetition are
// understood but not supported. Parsed without recursion; what it becomes is an automaton, so there
// is nothing to backtrack. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/json_rules.h"
#include "grammar/limits.h"
#include "grammar/syntax.h"

#include <string_view>

namespace samovar::grammar {

// The inside of a JSON string whose text matches. "character 4: ..." says what is wrong
// (kInvalidArgument), or, of a pattern where nothing is, what is not supported (kUnsupported).
Result<NodeId> parse_pattern(std::string_view pattern, Syntax& syntax, JsonRules& json,
                             const Limits& limits, Deadline& deadline);

}  // namespace samovar::grammar
