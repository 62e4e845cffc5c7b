// The members of a chat request that are about tools: tools, tool_choice, parallel_tool_calls; and
// functions, function_call, as clients of 2023 have them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "json/json.h"

#include <cstddef>
#include <string>
#include <vector>

namespace samovar::api {

inline constexpr size_t kMaxTools = 128;
inline constexpr size_t kMaxToolNameBytes = 64;

struct Tool {
  std::string name;
  json::Value parameters;  // the schema of an object
  std::string param;       // names that schema in errors: "tools[0].function.parameters"
};

struct ToolWish {
  json::Value shown;           // an array for the template; null: no tool may be called
  std::vector<Tool> callable;  // all of them, or the one that must be called
  bool must_call = false;
  bool parallel = true;
};

// Problems are left in `fields`. Include from .cpp files only.
ToolWish read_tools(Fields& fields);

}  // namespace samovar::api
