// SplitName: the file name of one part of a split model, NAME-00002-of-00005.gguf.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::gguf {

struct SplitName {
  std::string prefix;  // path up to the first of the two numbers, "dir/NAME-"
  uint64_t part = 0;   // 1-based
  uint64_t n_parts = 0;

  // Nothing if `path` has another form or part is not in 1..n_parts.
  static std::optional<SplitName> parse(std::string_view path);
  // The path of another part. REQUIRES: part and n_parts are below 100,000.
  std::string path_of(uint64_t other_part) const;
};

}  // namespace samovar::gguf
