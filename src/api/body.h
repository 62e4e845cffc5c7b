// The JSON object in a request's body.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "json/json_fwd.h"
#include "net/http_types.h"

namespace samovar::api {

// kInvalidArgument for text that is not JSON (with the position) and for JSON that is no object.
// What the values and the texts in them will take is added to the body's share of the server's
// memory: kBusy when there is not enough left of it at the moment, kTooLarge when there never is.
Result<json::Value> parse_body(const net::Request& request);

}  // namespace samovar::api
