// The JSON object in a request's body.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/error.h"
#include "json/json_fwd.h"
#include "net/http_types.h"

#include <optional>

namespace samovar::api {

// Nothing, and the error: 400 for text that is not JSON (with the position) and for JSON that is no
// object. What the values and the texts in them will take is added to the body's share of the
// server's memory: 503 when there is not enough left of it at the moment, 413 when there never is.
std::optional<json::Value> parse_body(const net::Request& request, ApiError& error);

}  // namespace samovar::api
