// The line protocol of `samovar debug tokenize`.
//
// In:  {"text": "..."} or {"bytes_hex": "..."}, with optional "add_special" and "parse_special".
// Out: {"ids": [...]}, or {"error": "..."} for a line that is not that. No newline at the end.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/tokenizer.h"

#include <string>
#include <string_view>

namespace samovar::tokenizer {

std::string tokenize_line(const Tokenizer& tokenizer, std::string_view json_line);

}  // namespace samovar::tokenizer
