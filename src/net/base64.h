// Base64 with padding (RFC 4648 section 4). Thread: plain values.
// SPDX-License-Identifier: Apache-2.0
// Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace samovar::net {

std::string base64(std::string_view bytes);

}  // namespace samovar::net
