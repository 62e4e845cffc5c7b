// Integers between two bounds, as syntax. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grammar/syntax.h"

#include <cstdint>

namespace samovar::grammar {

// The largest number of 18 digits.
inline constexpr int64_t kMaxInteger = 999'999'999'999'999'999;

// Exactly the integers of [min, max], without leading zeros; nothing when min > max.
// REQUIRES: both within +-kMaxInteger.
NodeId integer_range(Syntax& syntax, int64_t min, int64_t max);

}  // namespace samovar::grammar
