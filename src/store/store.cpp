#include "store/store.h"

#include "store/blob_hash.h"
#include "store/hub.h"
#include "store/model_name.h"
#include "store/own_repo.h"
#include "store/shown_url.h"
#include "store/sources.h"
#include "sys/file.h"

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <variant>

#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr uint64_t kMaxCatalogBytes = uint64_t{4} << 20;

Result<std::string> existing_file(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return errno_error(errno, path);
  if (!S_ISREG(info.st_mode)) return invalid_argument(path + ": is not a regular file");
  return path;
}

// The files of `repo` that `quant` chooses, out of those that are cached; of a `revision` if one is
// named.
std::vector<CachedFile> cached_of_repo(const Cache& cache, const std::string& repo,
                                       const std::string& quant, const std::string& revision = {}) {
  const auto all = cache.list();
  if (!all.ok()) return {};
  std::vector<std::string> names;
  for (const CachedFile& file : *all) {
    if (file.repo != repo) continue;
    if (revision.empty() || cache.find(repo, file.file, revision)) names.push_back(file.file);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  auto chosen = choose_files(names, quant, repo);
  if (!chosen.ok() && quant == customary_file(repo) && cache.is_absent(repo, quant)) {
    chosen = choose_files(names, "", repo);
  }
  std::vector<CachedFile> files;
  if (!chosen.ok()) return files;
  for (const std::string& name : *chosen) {
    if (auto file = cache.find(repo, name, revision)) files.push_back(*std::move(file));
  }
  return files;
}

std::vector<CachedFile> cached_of_file(const Cache& cache, const std::string& repo,
                                       const std::string& file) {
  auto found = cache.find(repo, file);
  if (!found) return {};
  return {*std::move(found)};
}

// An entry's file, wherever one of its sources has put it.
std::vector<CachedFile> cached_of_entry(const Cache& cache, const CatalogEntry& entry) {
  const auto is_it = [&](const std::vector<CachedFile>& files) {
    return !files.empty() && (!entry.sha256 || files[0].blob.ends_with(entry.sha256->hex()));
  };
  auto own = cached_of_file(cache, own_repo_of_entry(entry), entry.file);
  if (is_it(own)) return own;
  for (const Source& source : entry.sources) {
    const auto* hub = std::get_if<HubSource>(&source);
    if (hub == nullptr) continue;
    auto files = hub->file.empty() ? cached_of_repo(cache, hub->repo, hub->quant)
                                   : cached_of_file(cache, hub->repo, hub->file);
    if (is_it(files)) return files;
  }
  return {};
}

// `file` in all snapshots that `model` may mean: without a revision, each is as good.
std::vector<CachedFile> copies_of(const Cache& cache, const ModelName& model,
                                  const CachedFile& file) {
  const auto all = cache.list();
  if (!all.ok() || !model.revision.empty()) return {file};
  const bool by_hub_name = model.kind == ModelName::Kind::kHub;
  std::vector<CachedFile> copies;
  for (const CachedFile& other : *all) {
    const bool is_copy =
        by_hub_name ? other.repo == file.repo && other.file == file.file : other.blob == file.blob;
    if (is_copy) copies.push_back(other);
  }
  return copies;
}

// Which of a repository's unfinished files belong to what `source` asks for.
std::vector<std::string> meant_partials(const std::map<std::string, std::string>& partials,
                                        const HubSource& source) {
  std::vector<std::string> files;
  for (const auto& [key, file] : partials) {
    if (!file.empty()) files.push_back(file);
  }
  if (!source.file.empty()) return parts_of(source.file);
  return choose_files(files, source.quant, source.repo).value_or({});
}

Status unknown_entry(const Catalog& catalog, std::string_view name) {
  std::string known;
  for (const CatalogEntry& entry : catalog.entries()) {
    fmt::format_to(std::back_inserter(known), "{}{}", known.empty() ? "" : ", ", entry.name);
  }
  return not_found(
      fmt::format("\"{}\" is no file and no name of the catalog, which has: {}", name, known));
}

}  // namespace

Store::Store(StoreOptions options, Catalog catalog)
    : options_(std::move(options)), catalog_(std::move(catalog)), cache_(options_.cache_dir) {}

Result<Store> Store::open(StoreOptions options) {
  SAMOVAR_ASSIGN(Catalog catalog, Catalog::built_in());
  if (!options.catalog_file.empty()) {
    const auto text = sys::read_file(options.catalog_file, kMaxCatalogBytes);
    if (text.ok()) {
      SAMOVAR_ASSIGN(Catalog own, Catalog::parse(*text, options.catalog_file));
      catalog.overlay(std::move(own));
    } else if (text.status().code() != Code::kNotFound || !options.catalog_may_be_absent) {
      return text.status().with_context("the catalog");
    }
  }
  return Store(std::move(options), std::move(catalog));
}

Result<std::vector<CachedFile>> Store::cached(std::string_view name) const {
  SAMOVAR_ASSIGN(const ModelName model, parse_model_name(name));
  switch (model.kind) {
    case ModelName::Kind::kPath:
      return std::vector<CachedFile>{};
    case ModelName::Kind::kHub:
      return cached_of_repo(cache_, model.name, model.tag, model.revision);
    case ModelName::Kind::kUrl:
      return cached_of_file(cache_, own_repo_of_url(model.name), file_of_url(model.name));
    case ModelName::Kind::kPypi: {
      auto files = cached_of_file(cache_, own_repo_of_package(model.name), model.name + ".gguf");
      if (!model.tag.empty()) {
        std::erase_if(files, [&](const CachedFile& file) {
          return file.revision != model.name + "-" + model.tag;
        });
      }
      return files;
    }
    case ModelName::Kind::kCatalog:
      break;
  }
  const CatalogEntry* const entry = catalog_.find(model.name);
  if (entry == nullptr) return unknown_entry(catalog_, name);
  return cached_of_entry(cache_, *entry);
}

Result<std::vector<CachedFile>> Store::present(std::string_view name) const {
  SAMOVAR_ASSIGN(auto files, cached(name));
  if (!files.empty()) return files;
  SAMOVAR_ASSIGN(const ModelName model, parse_model_name(name));
  if (model.kind == ModelName::Kind::kPath) {
    return invalid_argument(fmt::format(
        "{}: a file that samovar did not fetch; models of {} are meant", name, cache_.dir()));
  }
  return not_found(fmt::format("{} is not on this machine: samovar pull {}", shown_name(name),
                               shown_name(name)));
}

std::optional<Digest> Store::expected_digest(const CachedFile& file) const {
  if (auto digest = digest_in_name(file.blob)) return digest;
  for (const CatalogEntry& entry : catalog_.entries()) {
    const auto own = cached_of_entry(cache_, entry);
    if (own.size() == 1 && own.front().path == file.path) return entry.sha256;
  }
  return std::nullopt;
}

Result<std::string> Store::resolve(std::string_view name) const {
  SAMOVAR_ASSIGN(const ModelName model, parse_model_name(name));
  if (model.kind == ModelName::Kind::kPath) return existing_file(model.name);
  SAMOVAR_ASSIGN(const auto files, present(name));
  return files[0].path;
}

Result<uint64_t> Store::remove(std::string_view name) const {
  SAMOVAR_ASSIGN(const ModelName model, parse_model_name(name));
  if (model.kind == ModelName::Kind::kPath) {
    return invalid_argument(
        fmt::format("{}: a file that samovar did not fetch; only models of {} are removed", name,
                    cache_.dir()));
  }
  SAMOVAR_ASSIGN(const auto files, cached(name));
  uint64_t freed_bytes = 0;
  for (const CachedFile& file : files) {
    for (const CachedFile& copy : copies_of(cache_, model, file)) {
      SAMOVAR_ASSIGN(const uint64_t bytes, cache_.remove(copy));
      freed_bytes += bytes;
    }
  }
  SAMOVAR_ASSIGN(const uint64_t partial_bytes, remove_leftovers(model));
  if (files.empty() && partial_bytes == 0) {
    return not_found(fmt::format("{} is not on this machine", shown_name(name)));
  }
  return freed_bytes + partial_bytes;
}

// A repository of our own holds one model; in one of the hub only what is noted can be told apart.
Result<uint64_t> Store::remove_leftovers(const ModelName& model) const {
  std::vector<std::string> own;
  std::vector<HubSource> shared;
  switch (model.kind) {
    case ModelName::Kind::kPath:
      break;
    case ModelName::Kind::kHub:
      shared = {hub_source(model)};
      break;
    case ModelName::Kind::kUrl:
      own = {own_repo_of_url(model.name)};
      break;
    case ModelName::Kind::kPypi:
      own = {own_repo_of_package(model.name)};
      break;
    case ModelName::Kind::kCatalog: {
      const CatalogEntry& entry = *catalog_.find(model.name);  // cached() has looked it up
      own = {own_repo_of_entry(entry)};
      for (const Source& source : entry.sources) {
        if (const auto* hub = std::get_if<HubSource>(&source)) shared.push_back(*hub);
      }
    }
  }
  uint64_t freed_bytes = 0;
  const auto remove = [&](const std::string& repo, const std::string& key) -> Status {
    SAMOVAR_ASSIGN(const uint64_t bytes, cache_.remove_partial(repo, key));
    freed_bytes += bytes;
    return {};
  };
  for (const std::string& repo : own) {
    for (const auto& [key, file] : cache_.partials(repo)) SAMOVAR_TRY(remove(repo, key));
  }
  for (const HubSource& source : shared) {
    const auto partials = cache_.partials(source.repo);
    const auto meant = meant_partials(partials, source);
    for (const auto& [key, file] : partials) {
      if (std::count(meant.begin(), meant.end(), file) > 0) SAMOVAR_TRY(remove(source.repo, key));
    }
  }
  return freed_bytes;
}

std::string Store::display_name(const CachedFile& file) const {
  for (const CatalogEntry& entry : catalog_.entries()) {
    for (const CachedFile& own : cached_of_entry(cache_, entry)) {
      if (own.path == file.path) return entry.name;
    }
  }
  return fmt::format("hf:{}:{}", file.repo, file.file);
}

}  // namespace samovar::store
