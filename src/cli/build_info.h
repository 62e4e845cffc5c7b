// What this binary was built from; build_info.cpp is written when the build is configured.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace samovar::cli {

extern const std::string_view kVersion;   // "0.1.0"
extern const std::string_view kCommit;    // 12 digits, or "unknown"
extern const std::string_view kCompiler;  // "GNU 12.2.0, Release"

}  // namespace samovar::cli
