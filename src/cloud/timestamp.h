// Points in time as the cloud writes them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace samovar::cloud {

// "2026-11-26T16:43:15.123456789Z" or "...+03:00" (RFC 3339) to microseconds since 1970, UTC;
// nothing for other texts.
std::optional<int64_t> parse_rfc3339_us(std::string_view text);

}  // namespace samovar::cloud
