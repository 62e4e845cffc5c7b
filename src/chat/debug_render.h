// One line of `samovar debug render`: a JSON context in, the rendered text out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/template.h"

#include <string>
#include <string_view>

namespace samovar::chat {

// `json_line` is the context (messages, tools, ...) with "now" beside it: seconds since 1970 or
// "2026-11-22T12:34:56" (UTC; default: 0). Gives {"text": ...} or {"error": ..., "code": ...}
// without a newline.
std::string render_line(const Template& chat_template, std::string_view json_line);

}  // namespace samovar::chat
