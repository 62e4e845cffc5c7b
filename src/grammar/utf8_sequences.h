// Code points as ranges of bytes: what a byte automaton reads for a character class.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grammar/code_point_set.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace samovar::grammar {

struct ByteRange {
  uint8_t first, last;  // both inside
  bool operator==(const ByteRange&) const = default;
};

// Any byte of the first range, then any of the second, ...
struct Utf8Sequence {
  size_t n_bytes;  // 1..4
  std::array<ByteRange, 4> ranges;
};

// Together they are exactly the UTF-8 of the set's members; no two share a text.
std::vector<Utf8Sequence> utf8_sequences(const CodePointSet& set);

}  // namespace samovar::grammar
