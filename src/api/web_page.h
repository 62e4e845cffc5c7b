// The chat page: static files, compiled in, that talk to /v1/models and /v1/chat/completions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_types.h"

#include <string_view>

namespace samovar::api {

// Whether `path` is a file of the page other than "/" itself.
bool is_web_file(std::string_view path);

// The page for "/", or the file of that path, with a strict Content-Security-Policy; 304 when the
// client has it, 404 for other paths.
net::Response web_file(std::string_view path, const net::Headers& asked);

}  // namespace samovar::api
