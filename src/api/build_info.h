// What this binary calls itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace samovar::api {

// "b0.1.0": peers' clients expect a leading b.
std::string_view build_fingerprint();

}  // namespace samovar::api
