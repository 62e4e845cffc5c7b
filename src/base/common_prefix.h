// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace samovar {

// How many elements two sequences have in common from their beginnings on.
template <class First, class Second>
size_t common_prefix(const First& a, const Second& b) {
  const auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<size_t>(ends.first - a.begin());
}

}  // namespace samovar
