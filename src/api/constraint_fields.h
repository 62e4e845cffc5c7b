// The members of a request that say what its answer must look like: `grammar` (GBNF), `json_schema`
// and `response_format`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "grammar/grammar.h"

#include <optional>
#include <string_view>

namespace samovar::api {

// The grammar that the request asks for; none when it asks for nothing. Problems, those of the
// grammar itself included, are left in `fields`. What a schema asks beyond the supported subset is
// logged and not kept to.
std::optional<grammar::Grammar> read_constraint(Fields& fields);

// Of a JSON Schema; an empty one means any object. `param` names the member in errors.
std::optional<grammar::Grammar> read_schema(Fields& fields, std::string_view param,
                                            const json::Value& schema);

}  // namespace samovar::api
