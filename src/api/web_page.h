// The chat page: static files, compiled in, that talk to /v1/chat/completions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_types.h"

#include <string_view>

namespace samovar::api {

// "/", "/style.css" or "/app.js", with a strict Content-Security-Policy; 404 for other paths.
net::Response web_file(std::string_view path);

}  // namespace samovar::api
