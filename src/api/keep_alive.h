// How long a model stays when nobody uses it, as Ollama's clients and its environment say it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace samovar::api {

// A duration of Go ("5m") or whole seconds ("300"); negative: kForever. Microseconds; nothing for
// text that is neither.
std::optional<int64_t> parse_keep_alive(std::string_view text);

// Member `keep_alive`: a text as above, or a number of seconds. Nothing when absent.
std::optional<int64_t> read_keep_alive(Fields& fields);

}  // namespace samovar::api
