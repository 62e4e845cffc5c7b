// Points in time as RFC 3339 writes them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace samovar::api {

// "2026-11-26T16:43:15.123456Z". Years before 1 and after 9999 move to the nearest of them.
std::string rfc3339(int64_t unix_us);

}  // namespace samovar::api
