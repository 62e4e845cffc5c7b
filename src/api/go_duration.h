// Durations as Go writes them: "5m", "1h30m", "300ms", "-1s".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace samovar::api {

// Nanoseconds; nothing for text that is no duration or too long for them.
std::optional<int64_t> parse_go_duration(std::string_view text);

}  // namespace samovar::api
