// Lexer: template source -> tokens, with whitespace control done.
//
// Rules as Jinja's with trim_blocks and lstrip_blocks on: a newline after a block tag goes, blanks
// before one on its line go, "-" strips all whitespace on its side, "+" keeps it. Thread: pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::chat {

enum class TokenKind : uint8_t {
  kData,
  kVariableBegin,
  kVariableEnd,
  kBlockBegin,
  kBlockEnd,
  kName,
  kString,  // text is what stands between the quotes, escapes not yet decoded
  kInteger,
  kFloat,
  kOperator,
  kEnd,
};

struct Token {
  TokenKind kind;
  std::string_view text;  // BORROWS the source
  size_t offset;          // B into the source

  bool is_operator(std::string_view op) const { return kind == TokenKind::kOperator && text == op; }
  bool is_name(std::string_view name) const { return kind == TokenKind::kName && text == name; }
};

// "line 3, column 14" of the byte at `offset`.
std::string describe_position(std::string_view source, size_t offset);
Status syntax_error(std::string_view source, size_t offset, std::string_view message);

// Ends with one kEnd token. `source` has "\n" line ends only.
Result<std::vector<Token>> tokenize(std::string_view source);

}  // namespace samovar::chat
