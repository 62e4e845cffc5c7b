// The JSON value type, declared only: what headers include. json/json.h has the rest.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace samovar::json {
using Value = nlohmann::ordered_json;  // keeps the order of keys
}  // namespace samovar::json
