#include "tokenizer/special_matcher.h"

#include <algorithm>

namespace samovar::tokenizer {

SpecialMatcher::SpecialMatcher(const Vocabulary& vocabulary) {
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    const auto token = static_cast<Token>(i);
    const TokenKind kind = vocabulary.kind(token);
    const bool control = kind == TokenKind::kControl || kind == TokenKind::kUnknown;
    if ((!control && kind != TokenKind::kUserDefined) || vocabulary.text(token).empty()) continue;
    entries_.push_back({vocabulary.text(token), token, control});
  }
  std::ranges::sort(entries_, {}, &Entry::text);
  for (size_t begin = 0, end = 0; begin < entries_.size(); begin = end) {
    const char first = entries_[begin].text.front();
    while (end < entries_.size() && entries_[end].text.front() == first) ++end;
    by_first_byte_[static_cast<uint8_t>(first)] = std::span(entries_).subspan(begin, end - begin);
  }
}

std::optional<SpecialMatcher::Match> SpecialMatcher::match(std::string_view text, size_t pos,
                                                           size_t trusted_end) const {
  std::span<const Entry> left = by_first_byte_[static_cast<uint8_t>(text[pos])];
  std::optional<Match> longest;
  // `left`: the entries that begin with text[pos, pos + size), shortest first.
  for (size_t size = 1; !left.empty(); ++size) {
    if (const Entry& entry = left.front(); entry.text.size() == size) {
      if (!entry.control || pos + size <= trusted_end) longest = {entry.token, size};
      left = left.subspan(1);
    }
    if (pos + size >= text.size()) break;
    const auto byte_at = [size](const Entry& entry) {
      return static_cast<uint8_t>(entry.text[size]);
    };
    const auto next = static_cast<uint8_t>(text[pos + size]);
    // Not equal_range: clang 14 can't compile the subrange that it gives.
    left = std::span(std::ranges::lower_bound(left, next, {}, byte_at),
                     std::ranges::upper_bound(left, next, {}, byte_at));
  }
  return longest;
}

}  // namespace samovar::tokenizer
