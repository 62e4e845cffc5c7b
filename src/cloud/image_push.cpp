#include "cloud/image_push.h"

#include "cloud/layer_file.h"
#include "cloud/saved_image.h"
#include "json/json.h"

#include <optional>
#include <vector>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

// Those that every registry and node knows: Docker's, version 2, schema 2.
constexpr const char* kManifestType = "application/vnd.docker.distribution.manifest.v2+json";
constexpr const char* kConfigType = "application/vnd.docker.container.image.v1+json";
constexpr const char* kLayerType = "application/vnd.docker.image.rootfs.diff.tar.gzip";

struct Part {
  store::Digest digest;
  uint64_t size_bytes;
};

json::Value described(const char* type, const Part& part) {
  return {
      {"mediaType", type}, {"size", part.size_bytes}, {"digest", "sha256:" + part.digest.hex()}};
}

class Push {
 public:
  Push(const PushWish& wish, RegistryClient& registry,
       const std::function<Status(const std::string&)>& say)
      : wish_(wish), registry_(registry), say_(say) {}

  Status run();

 private:
  Status push_layer(size_t index, uint64_t size_bytes, store::ArchiveReader& tar);
  Result<Part> push_config(const std::string& config);

  const PushWish& wish_;
  RegistryClient& registry_;
  const std::function<Status(const std::string&)>& say_;
  std::vector<std::optional<Part>> layers_;
};

Status Push::push_layer(size_t index, uint64_t size_bytes, store::ArchiveReader& tar) {
  SAMOVAR_ASSIGN(const LayerFile layer, LayerFile::pack(tar, size_bytes, wish_.work_folder));
  const std::string what = fmt::format(
      "layer {} of {}: {:.1f} MB, sha256:{}", index + 1, layers_.size(),
      static_cast<double>(layer.size_bytes()) / 1e6, layer.digest().hex().substr(0, 12));
  SAMOVAR_ASSIGN(const bool is_there, registry_.has_blob(layer.digest()));
  if (!is_there) {
    SAMOVAR_TRY(registry_.put_blob(layer.digest(), {layer.fd(), layer.size_bytes()}));
  }
  layers_[index] = Part{layer.digest(), layer.size_bytes()};
  return say_(fmt::format("{}: {}\n", what, is_there ? "there already" : "sent"));
}

Result<Part> Push::push_config(const std::string& config) {
  const Part part{store::sha256(config), config.size()};
  SAMOVAR_ASSIGN(const bool is_there, registry_.has_blob(part.digest));
  if (is_there) return part;
  SAMOVAR_TRY(registry_.put_blob(part.digest, {.text = config}));
  return part;
}

Status Push::run() {
  SAMOVAR_ASSIGN(const SavedImage image, SavedImage::open(wish_.image_file));
  SAMOVAR_TRY(registry_.check());
  layers_.resize(image.n_layers());
  SAMOVAR_TRY(
      image.each_layer([this](size_t index, uint64_t size_bytes, store::ArchiveReader& tar) {
        return push_layer(index, size_bytes, tar);
      }));
  json::Value list = json::Value::array();
  for (size_t i = 0; i < layers_.size(); ++i) {
    list.push_back(described(kLayerType, *layers_[image.same_as(i)]));
  }
  SAMOVAR_ASSIGN(const Part config, push_config(image.config()));
  const json::Value manifest = {{"schemaVersion", 2},
                                {"mediaType", kManifestType},
                                {"config", described(kConfigType, config)},
                                {"layers", std::move(list)}};
  const std::string text = json::dump(manifest);
  SAMOVAR_TRY(registry_.put_manifest(kManifestType, text));
  return say_(fmt::format("manifest: sha256:{}\n", store::sha256(text).hex()));
}

}  // namespace

Status push_image(const PushWish& wish, RegistryClient& registry,
                  const std::function<Status(const std::string&)>& say) {
  return Push(wish, registry, say).run();
}

}  // namespace samovar::cloud
