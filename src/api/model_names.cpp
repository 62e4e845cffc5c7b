#include "api/model_names.h"

#include "api/ollama_name.h"
#include "gguf/split_name.h"
#include "store/catalog.h"

#include <algorithm>
#include <filesystem>

namespace samovar::api {
namespace {

namespace fs = std::filesystem;

// A model, and no further part of one or picture encoder beside one.
bool is_model_file(const fs::directory_entry& entry) {
  std::error_code error;
  const std::string name = entry.path().filename().string();
  const auto part = gguf::SplitName::parse(name);
  return entry.is_regular_file(error) && name.ends_with(".gguf") && !name.starts_with("mmproj") &&
         (!part || part->part == 1);
}

// Sorted; empty if it is no folder.
std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    entries.push_back(*at);
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::string stem_of(const std::string& path) {
  return fs::path(path).stem().string();
}

// Unless the same file is there already.
void add(std::vector<ModelSource>& all, ModelSource source) {
  const bool is_there = std::any_of(all.begin(), all.end(), [&](const ModelSource& known) {
    return known.id == source.id || same_file(known.path, source.path);
  });
  if (!is_there) all.push_back(std::move(source));
}

}  // namespace

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

ModelNames::ModelNames(ModelNamesOptions options, ModelShelf& shelf)
    : options_(std::move(options)), shelf_(shelf) {}

const ModelSource* ModelNames::only() const {
  const bool is_one = options_.named.size() == 1 && options_.folder.empty() && !options_.store;
  return is_one ? &options_.named.front() : nullptr;
}

std::vector<ModelSource> ModelNames::in_folder() const {
  std::vector<ModelSource> out;
  if (options_.folder.empty()) return out;
  for (const fs::directory_entry& entry : entries_of(options_.folder)) {
    std::error_code error;
    if (is_model_file(entry)) {
      out.push_back({.id = entry.path().stem().string(), .path = entry.path().string()});
    } else if (entry.is_directory(error)) {
      const auto inner = entries_of(entry.path());
      const auto model = std::find_if(inner.begin(), inner.end(), is_model_file);
      if (model == inner.end()) continue;
      out.push_back({.id = entry.path().filename().string(), .path = model->path().string()});
    }
  }
  return out;
}

std::vector<ModelSource> ModelNames::list() const {
  std::vector<ModelSource> out = options_.named;
  for (ModelSource& source : in_folder()) add(out, std::move(source));
  if (!options_.store) return out;
  for (const ModelShelf::Entry& entry : shelf_.list()) {
    add(out, {.id = entry.name, .path = entry.path});
  }
  return out;
}

bool ModelNames::is_named(const ModelSource& source, std::string_view name) const {
  const auto same = [&](const std::string& own) { return same_ollama_name(own, name); };
  const bool is_alias =
      &source == only() && std::any_of(options_.aliases.begin(), options_.aliases.end(), same);
  return is_alias || same(source.id) || same(source.path) || same(stem_of(source.path));
}

std::optional<ModelSource> ModelNames::by_path(const std::string& path) const {
  for (const ModelSource& source : options_.named) {
    if (same_file(source.path, path)) return source;
  }
  for (ModelSource& source : in_folder()) {
    if (same_file(source.path, path)) return std::move(source);
  }
  return std::nullopt;
}

std::optional<ModelSource> ModelNames::find_here(std::string_view name) const {
  for (const ModelSource& source : options_.named) {
    if (is_named(source, name)) return source;
  }
  for (ModelSource& source : in_folder()) {
    if (is_named(source, name)) return std::move(source);
  }
  return std::nullopt;
}

std::optional<ModelSource> ModelNames::find(std::string_view name) const {
  if (name.empty()) return std::nullopt;
  if (auto here = find_here(name)) return here;
  const std::string target = shelf_.alias_target(name);
  if (auto here = target.empty() ? std::nullopt : find_here(target)) return here;
  const auto stored = shelf_.find(name);
  if (!stored) return std::nullopt;
  if (auto known = by_path(stored->path)) return known;
  if (!options_.store) return std::nullopt;
  return ModelSource{.id = stored->name, .path = stored->path};
}

std::optional<ModelSource> ModelNames::standard() const {
  if (!options_.named.empty()) return options_.named.front();
  if (auto usual = find(store::kDefaultModel)) return usual;
  std::vector<ModelSource> all = list();
  if (all.size() == 1) return std::move(all.front());
  return std::nullopt;
}

}  // namespace samovar::api
