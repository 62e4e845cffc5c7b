// NameIndex: which position of a list a name has; refuses lists where a name stands twice.
//
// A sorted vector, so that 65,536 names cost one allocation. BORROWS the names' bytes.
// Thread: const after build().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace samovar::gguf {

class NameIndex {
 public:
  // Forgets the names before; position i is names[i]. RETURNS the first name that stands twice.
  // REQUIRES: fewer than 2^32 names.
  std::optional<std::string_view> build(const std::vector<std::string_view>& names);
  std::optional<size_t> find(std::string_view name) const;

 private:
  struct Entry {
    std::string_view name;
    uint32_t position;
  };
  std::vector<Entry> by_name_;
};

}  // namespace samovar::gguf
