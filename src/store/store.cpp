#include "store/store.h"

#include "store/blob_hash.h"
#include "store/hub.h"
#include "store/model_name.h"
#include "store/own_repo.h"
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
  return not_found(fmt::format("{} is not on this machine: samovar pull {}", name, name));
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
    SAMOVAR_ASSIGN(const uint64_t bytes, cache_.remove(file));
    freed_bytes += bytes;
  }
  SAMOVAR_ASSIGN(const uint64_t partial_bytes, remove_leftovers(model));
  if (files.empty() && partial_bytes == 0) {
    return not_found(fmt::format("{} is not on this machine", name));
  }
  return freed_bytes + partial_bytes;
}

Result<uint64_t> Store::remove_leftovers(const ModelName& model) const {
  std::vector<std::string> repos;
  switch (model.kind) {
    case ModelName::Kind::kPath:
      break;
    case ModelName::Kind::kHub:
      repos = {model.name};
      break;
    case ModelName::Kind::kUrl:
      repos = {own_repo_of_url(model.name)};
      break;
    case ModelName::Kind::kPypi:
      repos = {own_repo_of_package(model.name)};
      break;
    case ModelName::Kind::kCatalog: {
      const CatalogEntry& entry = *catalog_.find(model.name);  // cached() has looked it up
      repos = {own_repo_of_entry(entry)};
      for (const Source& source : entry.sources) {
        if (const auto* hub = std::get_if<HubSource>(&source)) repos.push_back(hub->repo);
      }
    }
  }
  uint64_t freed_bytes = 0;
  for (const std::string& repo : repos) {
    SAMOVAR_ASSIGN(const uint64_t bytes, cache_.remove_partials(repo));
    freed_bytes += bytes;
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
