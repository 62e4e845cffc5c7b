// Token and the few enums that every part of the tokenizer shares.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace samovar::tokenizer {

using Token = int32_t;

enum class TokenKind : uint8_t {
  kNormal,
  kUnknown,
  kControl,      // stands for no text; comes from text only where special tokens are parsed
  kUserDefined,  // found in text before anything else
  kUnused,
  kByte,  // <0xHH>
};

// May plain text become a token of this kind? Byte tokens come from bytes, not from their spelling.
constexpr bool is_plain(TokenKind kind) {
  return kind == TokenKind::kNormal || kind == TokenKind::kUserDefined ||
         kind == TokenKind::kUnused;
}

// May a token of this kind be found in text before the text is cut?
constexpr bool is_special(TokenKind kind) {
  return kind == TokenKind::kControl || kind == TokenKind::kUnknown ||
         kind == TokenKind::kUserDefined;
}

// How token texts stand for bytes.
enum class TextForm : uint8_t {
  kByteLevel,     // each byte is one character of GPT-2's alphabet
  kSpaceEscaped,  // UTF-8 with U+2581 for a space, byte tokens for the rest
};

inline constexpr std::string_view kSpaceMark = "\u2581";

// The parts a special token can play.
enum class Special : uint8_t {
  kBos,
  kEos,
  kEot,
  kEom,
  kUnknown,
  kPadding,
  kSeparator,
  kMask,
  kFimPrefix,
  kFimSuffix,
  kFimMiddle,
  kFimPad,
  kFimRep,
  kFimSep,
};
inline constexpr size_t kSpecialCount = static_cast<size_t>(Special::kFimSep) + 1;

}  // namespace samovar::tokenizer
