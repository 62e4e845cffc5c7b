// From JSON to values: the context of a render, and the from_json filter.
//
// The one unit of the template engine that sees the JSON library. Strings are untrusted, except the
// special tokens that the model file names (bos_token, eos_token, ...).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/ast.h"
#include "chat/runtime.h"
#include "json/json_fwd.h"

namespace samovar::chat {

// One value per name of the program: from the context, else the global function of that name, else
// undefined.
Result<Values> bind_names(Runtime& runtime, const Program& program, const json::Value& context);

// The value of a JSON text; its strings have the trust of the text.
Result<Value> value_from_json_text(Runtime& runtime, const Text& text);

}  // namespace samovar::chat
