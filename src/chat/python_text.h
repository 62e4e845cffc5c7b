// Values as text: Python's str() and repr(), and json.dumps as transformers' tojson calls it.
//
// The text of a container is untrusted as a whole when any string in it is. Thread: one render.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/runtime.h"
#include "chat/text.h"
#include "chat/value.h"

#include <optional>
#include <string>

namespace samovar::chat {

// The shortest decimal that reads back as `value`, as Python writes it: 1.0, 1e-05, inf, nan.
std::string float_repr(double value);

// str(value); the text of a string is the string itself, undefined is empty.
Result<Text> to_text(Runtime& runtime, const Value& value);
Result<Text> to_repr(Runtime& runtime, const Value& value);

struct JsonStyle {
  std::optional<std::string> indent = std::nullopt;  // text of one level; absent: one line
  std::string item_separator = ", ";
  std::string key_separator = ": ";
  bool ascii_only = false;
  bool sort_keys = false;
};
Result<Text> to_json(Runtime& runtime, const Value& value, const JsonStyle& style);

}  // namespace samovar::chat
