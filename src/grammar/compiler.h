// Compiler: syntax tree -> automaton. Thread: pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/automaton.h"
#include "grammar/limits.h"
#include "grammar/syntax.h"

#include <cstdint>

namespace samovar::grammar {

// kInvalidArgument for left recursion, for a grammar that nothing matches and over a limit.
Result<Automaton> compile(const Syntax& syntax, RuleId root, uint32_t max_stack,
                          const Limits& limits, Deadline& deadline);

}  // namespace samovar::grammar
