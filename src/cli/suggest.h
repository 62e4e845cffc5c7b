// The nearest known word to a mistyped one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace samovar::cli {

// Empty if none is near: at most half of the letters may differ, at least one.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace samovar::cli
