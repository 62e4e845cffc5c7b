// OtherKeys: the keys of an object that are none of its named properties. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/json_rules.h"
#include "grammar/limits.h"
#include "grammar/syntax.h"

#include <string>
#include <vector>

namespace samovar::grammar {

// A JSON string, in its quotes, that stands for none of `names`, which are JSON strings in their
// quotes. Up to where it differs from all of them a key is spelled without escapes, so that no
// other spelling of a name slips through.
Result<NodeId> other_keys(const std::vector<std::string>& names, Syntax& syntax, JsonRules& json,
                          const Limits& limits);

}  // namespace samovar::grammar
