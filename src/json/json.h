// JSON text <-> values, with limits. The one folder that knows the JSON library's parser.
//
// Numbers outside double's range, duplicate surrogates and depth over the limit are errors, never
// values. Include from .cpp files only: the library costs seconds per unit. Thread: pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "json/json_fwd.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace samovar::json {

struct Limits {
  size_t max_bytes = size_t{32} << 20;
  int max_depth = 128;
  size_t max_values = size_t{1} << 18;  // a value of one byte costs a hundred times that in memory
  size_t max_keys = 4096;  // of one object: the library looks for each among all others
};

// kInvalidArgument with the byte position for text that is not JSON, kTooLarge over a limit.
Result<Value> parse(std::string_view text, const Limits& limits = {});

// One line of UTF-8; bytes that are not UTF-8 become U+FFFD. NaN and infinities become null.
std::string dump(const Value& value);

// "string", "number", "object", ...: for error messages.
std::string_view type_name(const Value& value);

}  // namespace samovar::json
