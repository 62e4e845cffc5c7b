// SPDX-License-Identifier: Apache-2.0
#include "gguf/name_index.h"

#include <algorithm>

namespace samovar::gguf {

std::optional<std::string_view> NameIndex::build(const std::vector<std::string_view>& names) {
  by_name_.clear();
  by_name_.reserve(names.size());
  for (const std::string_view name : names) {
    by_name_.push_back({name, static_cast<uint32_t>(by_name_.size())});
  }
  std::sort(by_name_.begin(), by_name_.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(by_name_.begin(), by_name_.end(),
                         [](const Entry& a, const Entry& b) { return a.name == b.name; });
  if (twice == by_name_.end()) return std::nullopt;
  return twice->name;
}

std::optional<size_t> NameIndex::find(std::string_view name) const {
  const auto found =
      std::lower_bound(by_name_.begin(), by_name_.end(), name,
                       [](const Entry& entry, std::string_view n) { return entry.name < n; });
  if (found == by_name_.end() || found->name != name) return std::nullopt;
  return found->position;
}

}  // namespace samovar::gguf
