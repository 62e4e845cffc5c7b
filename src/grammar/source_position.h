// Errors in grammar text: "line 3, column 14: expected ..., found ...".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace samovar::grammar {

// Lines and columns count from 1; columns are code points.
std::string describe_position(std::string_view source, size_t offset);

// The character at `offset`, quoted, "the end of the line" or "the end of the text".
std::string describe_found(std::string_view source, size_t offset);

// kInvalidArgument: "line 3, column 14: MESSAGE".
Status source_error(std::string_view source, size_t offset, std::string_view message);
// kInvalidArgument: "line 3, column 14: expected WHAT, found ...".
Status expected_error(std::string_view source, size_t offset, std::string_view what);

}  // namespace samovar::grammar
