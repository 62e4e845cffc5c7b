// JSON Schema -> syntax tree, for the subset that docs/decisions/0006 lists.
//
// Every text of the grammar validates (keywords that are ignored apart); not every valid text is in
// the grammar: properties come in the order of the schema, and where `properties` are given others
// need an additionalProperties. Works through a list of subschemas, never by recursion. Thread:
// pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/gbnf.h"
#include "grammar/grammar.h"
#include "grammar/limits.h"
#include "json/json_fwd.h"

#include <string>
#include <vector>

namespace samovar::grammar {

struct SchemaSyntax {
  SyntaxAndRoot tree;
  std::vector<std::string> ignored;  // JSON pointers of keywords, in the order found
  std::string contradiction;         // why nothing matches, should that be so
};

// kInvalidArgument with the JSON pointer of what is wrong.
Result<SchemaSyntax> parse_json_schema(const json::Value& schema, const SchemaOptions& options,
                                       const Limits& limits, Deadline& deadline);

}  // namespace samovar::grammar
