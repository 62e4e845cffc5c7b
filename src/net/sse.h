// Framing of streamed answers: server-sent events and JSON lines.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_types.h"

#include <string>
#include <string_view>

namespace samovar::net::sse {

inline constexpr std::string_view kComment = ":\n\n";  // keeps proxies awake, clients skip it
inline constexpr std::string_view kBlank = " ";        // the same before a line of JSON
inline constexpr std::string_view kDone = "data: [DONE]\n\n";

// "data: <data>\n\n"; a line break in `data` starts another data line, as the standard has it.
std::string event(std::string_view data);
// The same with "event: <name>\n" before it. REQUIRES: no line break in `name`.
std::string named_event(std::string_view name, std::string_view data);
// `json` and a line feed. REQUIRES: no line feed in `json`.
std::string json_line(std::string_view json);

Headers headers();             // text/event-stream, no-cache, X-Accel-Buffering: no
Headers json_lines_headers();  // application/x-ndjson and the same

}  // namespace samovar::net::sse
