// CodePointSet: a set of Unicode scalar values, as character classes need it.
//
// Surrogates are never members: they have no UTF-8. Thread: one, for reading too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

namespace samovar::grammar {

inline constexpr char32_t kLastCodePoint = 0x10FFFF;

struct CodePointRange {
  char32_t first, last;  // both inside
  bool operator==(const CodePointRange&) const = default;
};

class CodePointSet {
 public:
  CodePointSet() = default;
  CodePointSet(std::initializer_list<CodePointRange> ranges);
  static CodePointSet all();

  // REQUIRES: first <= last <= kLastCodePoint.
  void add(char32_t first, char32_t last);
  void add(const CodePointSet& other);
  CodePointSet complement() const;
  CodePointSet without(const CodePointSet& other) const;
  CodePointSet common_with(const CodePointSet& other) const;
  bool contains(char32_t c) const;
  bool empty() const { return ranges().empty(); }

  // Ascending, neither touching nor overlapping.
  const std::vector<CodePointRange>& ranges() const;

 private:
  // Sorted and merged by the first reader after a change.
  mutable std::vector<CodePointRange> ranges_;
  mutable bool is_sorted_ = true;
};

void append_utf8(char32_t c, std::string& out);

}  // namespace samovar::grammar
