// The JSON object in a request's body.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "json/json_fwd.h"
#include "net/http_types.h"

namespace samovar::api {

// kInvalidArgument for text that is not JSON (with the position) and for JSON that is no object.
Result<json::Value> parse_body(const net::Request& request);

}  // namespace samovar::api
