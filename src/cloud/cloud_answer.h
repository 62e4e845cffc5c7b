// What an answer of the cloud's REST APIs means: JSON, or a Status with the server's own words.
//
// Thread: pure functions. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"
#include "json/json_fwd.h"
#include "net/http_types.h"

#include <string_view>
#include <vector>

namespace samovar::cloud {

// OK for 2xx. Else kBusy for what may go by (408, 429, 5xx), kNotFound for 404, kInvalidArgument
// for the rest: "WHAT: HTTP 403: the server's message", without what `sent` holds. A redirect is an
// error: credentials do not follow.
Status check_answer(const net::Response& response, std::string_view what,
                    const std::vector<Secret>& sent);

// The JSON object of a 2xx answer; kCorrupt when it is none.
Result<json::Value> read_answer(const net::Response& response, std::string_view what,
                                const std::vector<Secret>& sent);

}  // namespace samovar::cloud
