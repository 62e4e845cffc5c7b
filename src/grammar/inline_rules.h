// Which rules are small enough to be copied to where they are called.
//
// A call costs a frame on the stack and cuts the automaton into parts that masks see one by one; a
// rule of one character is better off inside its callers. Thread: pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grammar/syntax.h"

#include <vector>

namespace samovar::grammar {

// [n_rules], 1 for rules to be copied. Never the root, and none that reaches itself.
std::vector<char> find_inlined_rules(const Syntax& syntax, RuleId root);

}  // namespace samovar::grammar
