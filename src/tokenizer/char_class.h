// The Unicode facts that pre-tokenizers ask about, one bit each; utf8proc knows them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace samovar::tokenizer {

using ClassMask = uint16_t;

inline constexpr ClassMask kUpper = 1;         // \p{Lu} \p{Lt}
inline constexpr ClassMask kLower = 2;         // \p{Ll}
inline constexpr ClassMask kUncased = 4;       // \p{Lm} \p{Lo}
inline constexpr ClassMask kMark = 8;          // \p{M}
inline constexpr ClassMask kNumber = 16;       // \p{N}
inline constexpr ClassMask kPunctuation = 32;  // \p{P}
inline constexpr ClassMask kSymbol = 64;       // \p{S}
inline constexpr ClassMask kSpace = 128;       // \s, the property White_Space
inline constexpr ClassMask kOther = 256;       // the rest, unassigned code points too
inline constexpr ClassMask kLetter = kUpper | kLower | kUncased;  // \p{L}

// Exactly one bit (of a white space, always kSpace); never 0.
ClassMask class_of(uint32_t code);

}  // namespace samovar::tokenizer
