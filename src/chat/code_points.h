// Texts rewritten one code point at a time, as case conversions do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/text.h"
#include "chat/utf8.h"

#include <string>
#include <string_view>

namespace samovar::chat {

// `text` with each code point c replaced by map(c), called in order; trust stays with its place.
template <class Map>
Text map_code_points(const Text& text, Map map) {
  return text.mapped([&](std::string_view piece) {
    std::string out;
    out.reserve(piece.size());
    for (size_t at = 0; at < piece.size();) {
      const auto [c, n_bytes] = utf8::decode(piece, at);
      const char32_t mapped = map(c);
      if (mapped < 0x80) {
        out += static_cast<char>(mapped);
      } else if (mapped == c) {
        out.append(piece, at, n_bytes);
      } else {
        utf8::append(out, mapped);
      }
      at += n_bytes;
    }
    return out;
  });
}

}  // namespace samovar::chat
