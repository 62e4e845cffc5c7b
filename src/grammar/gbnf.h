// GBNF text -> syntax tree, as llama.cpp's grammars/README.md describes the language.
//
// Differences: a name defined twice is an error, a line may begin with "|", token references
// (<think>, <[12]>) are refused. Thread: pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/limits.h"
#include "grammar/syntax.h"

#include <string_view>

namespace samovar::grammar {

struct SyntaxAndRoot {
  Syntax syntax;
  RuleId root = 0;
};

// kInvalidArgument, with line and column: what was expected and found, a rule that is used but not
// defined, no rule named root, a limit.
Result<SyntaxAndRoot> parse_gbnf(std::string_view text, const Limits& limits, Deadline& deadline);

}  // namespace samovar::grammar
