#include "chat/text.h"

#include <algorithm>
#include <string.h>  // memmem
#include <utility>

namespace samovar::chat {

Text::Text(std::string bytes, Trust trust) : bytes_(std::move(bytes)) {
  if (!bytes_.empty()) pieces_.push_back({bytes_.size(), trust});
}

Trust Text::trust() const {
  const bool tainted = std::any_of(pieces_.begin(), pieces_.end(),
                                   [](const Piece& p) { return p.trust == Trust::kUntrusted; });
  return tainted ? Trust::kUntrusted : Trust::kTrusted;
}

void Text::append(std::string_view bytes, Trust trust) {
  if (bytes.empty()) return;
  bytes_.append(bytes);
  if (pieces_.empty() || pieces_.back().trust != trust) pieces_.push_back({0, trust});
  pieces_.back().end = bytes_.size();
}

void Text::append(const Text& other) {
  append(other, 0, other.size());
}

void Text::append(const Text& other, size_t begin, size_t end) {
  auto piece = std::upper_bound(other.pieces_.begin(), other.pieces_.end(), begin,
                                [](size_t at, const Piece& p) { return at < p.end; });
  const std::string_view bytes = other.bytes_;
  for (size_t at = begin; at < end; ++piece) {
    const size_t stop = std::min(end, piece->end);
    append(bytes.substr(at, stop - at), piece->trust);
    at = stop;
  }
}

Text Text::slice(size_t begin, size_t end) const {
  Text part;
  part.append(*this, begin, end);
  return part;
}

size_t find_bytes(std::string_view haystack, std::string_view needle, size_t from) {
  if (from > haystack.size()) return std::string_view::npos;
  const void* found =
      memmem(haystack.data() + from, haystack.size() - from, needle.data(), needle.size());
  if (!found) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - haystack.data());
}

}  // namespace samovar::chat
