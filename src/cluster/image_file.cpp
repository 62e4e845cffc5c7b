#include "cluster/image_file.h"

#include "json/json.h"
#include "store/archive_reader.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace samovar::cluster {
namespace {

constexpr uint64_t kMaxManifestBytes = uint64_t{1} << 20;

using store::ArchiveReader;

Result<std::string> read_manifest(const std::string& path) {
  SAMOVAR_ASSIGN(ArchiveReader tar, ArchiveReader::open(path, ArchiveReader::Format::kTar));
  for (;;) {
    SAMOVAR_ASSIGN(const auto member, tar.next());
    if (!member) {
      return corrupt(path +
                     ": expected an image as `docker save` writes it, found no manifest.json");
    }
    if (member->name == "manifest.json") return tar.read_text(kMaxManifestBytes);
  }
}

// "coder:1" is "docker.io/library/coder:1" (distribution/reference, "Familiar names").
std::string in_full(const std::string& name) {
  const size_t slash = name.find('/');
  if (slash == name.npos) return "docker.io/library/" + name;
  const std::string first = name.substr(0, slash);
  const bool is_host = first == "localhost" || first.find_first_of(".:") != first.npos;
  return is_host ? name : "docker.io/" + name;
}

Result<std::vector<std::string>> names_in(const std::string& manifest) {
  SAMOVAR_ASSIGN(const json::Value images, json::parse(manifest));
  std::vector<std::string> names;
  if (!images.is_array()) return corrupt("expected a list of images");
  for (const json::Value& image : images) {
    const auto tags = image.is_object() ? image.find("RepoTags") : image.end();
    if (tags == image.end() || !tags->is_array()) continue;
    for (const json::Value& tag : *tags) {
      if (tag.is_string()) names.push_back(in_full(tag.get<std::string>()));
    }
  }
  return names;
}

}  // namespace

Result<std::string> image_in_file(const std::string& path, const std::string& wished) {
  SAMOVAR_ASSIGN(const std::string manifest, read_manifest(path));
  const auto names = names_in(manifest);
  if (!names.ok()) return names.status().with_context(path + ": manifest.json");
  if (std::count(names->begin(), names->end(), wished) > 0) return wished;
  if (names->size() == 1) return names->front();
  return invalid_argument(
      fmt::format("{}: expected an image with one name, or with {}, found {}", path, wished,
                  names->empty() ? "none" : fmt::format("{}", fmt::join(*names, ", "))));
}

}  // namespace samovar::cluster
