// Tools, calls and results as plain text, for templates that do not show them.
//
// Changes a conversation in OpenAI's shape. What is written stays content: no control token is
// parsed in it. Thread: pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/tool_format.h"
#include "json/json_fwd.h"

#include <string>
#include <string_view>

namespace samovar::chat {

// What tells a model which tools there are (an array, OpenAI's shape) and how to call one in the
// generic format.
std::string describe_tools(const json::Value& tools);

enum class SystemRole : uint8_t { kTaken, kRefused };

// Puts `text` behind the system message, or makes one; before the first user message where the
// template takes no system role. REQUIRES: messages is an array of objects with "role" and a
// string "content".
void add_instruction(json::Value& messages, std::string_view text, SystemRole role);

// The calls of assistant messages become part of their content, as `format` has them.
void write_calls_as_text(json::Value& messages, const ToolFormat& format);
// Messages of the role "tool" become one of the user for each run of them.
void write_results_as_text(json::Value& messages);

// An id of nine letters and digits in place of each one that is not: the same for the same id.
void shorten_call_ids(json::Value& messages);

}  // namespace samovar::chat
