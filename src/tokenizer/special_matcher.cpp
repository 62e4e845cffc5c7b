#include "tokenizer/special_matcher.h"

#include "base/common_prefix.h"

#include <algorithm>
#include <iterator>

namespace samovar::tokenizer {

SpecialMatcher::SpecialMatcher(const Vocabulary& vocabulary) {
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    const auto token = static_cast<Token>(i);
    const TokenKind kind = vocabulary.kind(token);
    const std::string_view text = vocabulary.text(token);
    if (!is_special(kind) || text.empty() || text.size() > kMaxTextBytes) continue;
    entries_.push_back({text, token, kind != TokenKind::kUserDefined});
  }
  std::ranges::sort(entries_, {}, &Entry::text);
  for (size_t i = 1; i < entries_.size(); ++i) {
    const Entry* shorter = &entries_[i - 1];
    while (shorter != nullptr && !entries_[i].text.starts_with(shorter->text)) {
      shorter = shorter->shorter;
    }
    entries_[i].shorter = shorter;
  }
  for (size_t begin = 0, end = 0; begin < entries_.size(); begin = end) {
    const char first = entries_[begin].text.front();
    while (end < entries_.size() && entries_[end].text.front() == first) ++end;
    by_first_byte_[static_cast<uint8_t>(first)] = std::span(entries_).subspan(begin, end - begin);
  }
}

std::optional<SpecialMatcher::Match> SpecialMatcher::match(std::string_view text, size_t pos,
                                                           size_t trusted_end) const {
  const std::span<const Entry> entries = by_first_byte_[static_cast<uint8_t>(text[pos])];
  const std::string_view rest = text.substr(pos, kMaxTextBytes);
  // Sorted, what `rest` begins with is the last entry before it, or what that one begins with.
  const auto behind = std::ranges::upper_bound(entries, rest, {}, &Entry::text);
  if (behind == entries.begin()) return std::nullopt;
  const Entry* entry = &*std::prev(behind);
  const size_t common = common_prefix(rest, entry->text);
  for (; entry != nullptr; entry = entry->shorter) {
    const size_t size = entry->text.size();
    const bool trusted = !entry->control || pos + size <= trusted_end;
    if (trusted && size <= common) return Match{entry->token, size};
  }
  return std::nullopt;
}

}  // namespace samovar::tokenizer
