// The texts of web/, embedded at build time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace samovar::api {

extern const std::string_view kIndexHtml;
extern const std::string_view kStyleCss;
extern const std::string_view kAppJs;

}  // namespace samovar::api
