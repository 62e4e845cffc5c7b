#include "grammar/utf8_sequences.h"

#include <algorithm>
#include <string>

namespace samovar::grammar {
namespace {

constexpr std::array<char32_t, 3> kLastOfLength{0x7F, 0x7FF, 0xFFFF};

// Where a range must be cut so that each byte position varies on its own; 0: nowhere. The value is
// the last code point of the first part. As RE2 and Rust's utf8-ranges do it.
char32_t cut_after(CodePointRange range) {
  for (const char32_t last : kLastOfLength) {
    if (range.first <= last && range.last > last) return last;
  }
  if (range.last <= kLastOfLength[0]) return 0;
  for (int bits = 6; bits <= 18; bits += 6) {
    const char32_t low = (char32_t{1} << bits) - 1;
    if ((range.first & ~low) == (range.last & ~low)) continue;
    if ((range.first & low) != 0) return range.first | low;
    if ((range.last & low) != low) return (range.last & ~low) - 1;
  }
  return 0;
}

Utf8Sequence encode(CodePointRange range) {
  std::string first, last;
  append_utf8(range.first, first);
  append_utf8(range.last, last);
  Utf8Sequence sequence{first.size(), {}};
  for (size_t i = 0; i < first.size(); ++i) {
    sequence.ranges[i] = {static_cast<uint8_t>(first[i]), static_cast<uint8_t>(last[i])};
  }
  return sequence;
}

}  // namespace

std::vector<Utf8Sequence> utf8_sequences(const CodePointSet& set) {
  std::vector<Utf8Sequence> sequences;
  std::vector<CodePointRange> open(set.ranges().rbegin(), set.ranges().rend());
  while (!open.empty()) {
    const CodePointRange range = open.back();
    open.pop_back();
    const char32_t cut = cut_after(range);
    if (cut == 0) {
      sequences.push_back(encode(range));
      continue;
    }
    open.push_back({cut + 1, range.last});
    open.push_back({range.first, cut});
  }
  return sequences;
}

}  // namespace samovar::grammar
