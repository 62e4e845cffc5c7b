// Text: UTF-8 bytes that remember which of them the template wrote and which came from a value.
//
// Knows nothing of templates. Uniform text costs one piece; concatenation and slicing carry pieces
// along. Thread: plain value.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::chat {

enum class Trust : uint8_t { kTrusted, kUntrusted };

class Text {
 public:
  struct Piece {
    size_t end;  // byte after the piece; it begins where the one before ends
    Trust trust;
  };

  Text() = default;
  Text(std::string bytes, Trust trust);

  const std::string& bytes() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  // In order, none empty, neighbours differ in trust, the last ends at size().
  const std::vector<Piece>& pieces() const { return pieces_; }
  // Untrusted when any byte is.
  Trust trust() const;

  void append(std::string_view bytes, Trust trust);
  void append(const Text& other);
  // REQUIRES: begin <= end <= other.size().
  void append(const Text& other, size_t begin, size_t end);
  // REQUIRES: begin <= end <= size().
  Text slice(size_t begin, size_t end) const;
  // map(bytes of a piece) for each piece, in order; the result keeps the trust of its piece.
  template <class Map>
  Text mapped(Map map) const {
    Text result;
    size_t begin = 0;
    for (const Piece& piece : pieces_) {
      result.append(map(std::string_view(bytes_).substr(begin, piece.end - begin)), piece.trust);
      begin = piece.end;
    }
    return result;
  }

 private:
  std::string bytes_;
  std::vector<Piece> pieces_;
};

// Where `needle` begins in haystack at or after `from`, or npos. Linear time, unlike string::find.
size_t find_bytes(std::string_view haystack, std::string_view needle, size_t from);

}  // namespace samovar::chat
