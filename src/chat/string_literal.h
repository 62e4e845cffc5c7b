// Escapes of string literals in template source, as in Python: \n, \x41, \u0416, octal, ...
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <string>
#include <string_view>

namespace samovar::chat {

// What stands between the quotes, decoded. An unknown escape keeps its backslash, as in Python.
Result<std::string> decode_string_literal(std::string_view raw);

}  // namespace samovar::chat
