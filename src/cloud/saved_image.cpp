#include "cloud/saved_image.h"

#include "cloud/json_member.h"
#include "json/json.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr uint64_t kMaxTextBytes = uint64_t{8} << 20;
constexpr size_t kMaxLayers = 1000;

using store::ArchiveReader;

// What is in the file: its small members are known only once its manifest is, which may be the
// last.
struct Contents {
  std::string manifest;
  std::map<std::string, std::string> links;  // name -> name
};

Result<Contents> read_contents(const std::string& path) {
  Contents contents;
  SAMOVAR_ASSIGN(ArchiveReader tar, ArchiveReader::open(path, ArchiveReader::Format::kTar));
  for (;;) {
    SAMOVAR_ASSIGN(const auto member, tar.next());
    if (!member) return contents;
    if (member->name == "manifest.json") {
      SAMOVAR_ASSIGN(contents.manifest, tar.read_text(kMaxTextBytes));
    } else if (!member->link_target.empty()) {
      const auto folder = std::filesystem::path(member->name).parent_path();
      contents.links[member->name] = (folder / member->link_target).lexically_normal().string();
    }
  }
}

// The only image of the manifest.
Result<json::Value> only_image(const std::string& path, const std::string& manifest) {
  if (manifest.empty()) {
    return corrupt(path + ": expected an image as `docker save` writes it, found no manifest.json");
  }
  const auto parsed = json::parse(manifest);
  if (!parsed.ok()) return parsed.status().with_context(path + ": manifest.json");
  if (!parsed->is_array() || parsed->empty()) {
    return corrupt(path + ": manifest.json: expected a list of images");
  }
  if (parsed->size() > 1) {
    return invalid_argument(fmt::format("{}: expected one image, found {}", path, parsed->size()));
  }
  return (*parsed)[0];
}

}  // namespace

Result<SavedImage> SavedImage::open(const std::string& path) {
  SavedImage image;
  image.path_ = path;
  SAMOVAR_ASSIGN(const Contents contents, read_contents(path));
  SAMOVAR_ASSIGN(const json::Value one, only_image(path, contents.manifest));
  const std::string config_name = text_or_empty(one, "Config");
  const json::Value* const layers = member(one, "Layers");
  if (config_name.empty() || layers == nullptr || !layers->is_array() ||
      layers->size() > kMaxLayers) {
    return corrupt(path + ": manifest.json: expected `Config` and `Layers`");
  }
  for (const json::Value& layer : *layers) {
    if (!layer.is_string()) return corrupt(path + ": manifest.json: `Layers`: expected names");
    const auto name = layer.get<std::string>();
    const auto link = contents.links.find(name);
    image.layers_.push_back(link == contents.links.end() ? name : link->second);
  }
  SAMOVAR_ASSIGN(ArchiveReader tar, ArchiveReader::open(path, ArchiveReader::Format::kTar));
  for (;;) {
    SAMOVAR_ASSIGN(const auto member, tar.next());
    if (!member) return corrupt(fmt::format("{}: {} is missing", path, config_name));
    if (!member->is_file || member->name != config_name) continue;
    SAMOVAR_ASSIGN(image.config_, tar.read_text(kMaxTextBytes));
    return image;
  }
}

size_t SavedImage::same_as(size_t index) const {
  const auto first = std::find(layers_.begin(), layers_.end(), layers_[index]);
  return static_cast<size_t>(first - layers_.begin());
}

Status SavedImage::each_layer(const Visit& visit) const {
  SAMOVAR_ASSIGN(ArchiveReader tar, ArchiveReader::open(path_, ArchiveReader::Format::kTar));
  std::vector<bool> seen(layers_.size());
  for (;;) {
    SAMOVAR_ASSIGN(const auto member, tar.next());
    if (!member) break;
    const auto found = std::find(layers_.begin(), layers_.end(), member->name);
    if (found == layers_.end() || !member->is_file) continue;
    const auto index = static_cast<size_t>(found - layers_.begin());
    if (seen[index]) continue;
    SAMOVAR_TRY(visit(index, member->size_bytes, tar));
    seen[index] = true;
  }
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (!seen[same_as(i)]) return corrupt(fmt::format("{}: {} is missing", path_, layers_[i]));
  }
  return {};
}

}  // namespace samovar::cloud
