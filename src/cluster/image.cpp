#include "cluster/image.h"

#include "cluster/tar_text.h"
#include "host/machine.h"
#include "json/json.h"
#include "store/digest.h"
#include "sys/file.h"

#include <link.h>

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;
constexpr int kUser = 65532;

#if defined(__x86_64__)
constexpr char kArchitecture[] = "amd64";
#elif defined(__aarch64__)
constexpr char kArchitecture[] = "arm64";
#endif

int collect(dl_phdr_info* info, size_t /*size*/, void* libraries) {
  const std::string path = info->dlpi_name;
  if (path.starts_with('/')) static_cast<std::vector<std::string>*>(libraries)->push_back(path);
  return 0;
}

Status add_copy(TarText& tar, const std::string& from, const std::string& to, int mode) {
  SAMOVAR_ASSIGN(const std::string bytes, sys::read_file(from, kMaxFileBytes));
  return tar.add_file(to.substr(1), bytes, mode);
}

Result<std::string> make_layer(const ImageFiles& files) {
  TarText layer;
  SAMOVAR_TRY(add_copy(layer, files.program, "/usr/bin/samovar", 0755));
  for (const std::string& library : files.libraries) {
    SAMOVAR_TRY(add_copy(layer, library, library, 0755));
  }
  SAMOVAR_TRY(add_copy(layer, files.certificates, "/etc/ssl/certs/ca-certificates.crt", 0644));
  SAMOVAR_TRY(layer.add_file(
      "etc/passwd", fmt::format("samovar:x:{0}:{0}::/tmp:/usr/sbin/nologin\n", kUser), 0644));
  SAMOVAR_TRY(layer.add_file("etc/group", fmt::format("samovar:x:{}:\n", kUser), 0644));
  SAMOVAR_TRY(layer.add_file("etc/nsswitch.conf", "hosts: files dns\n", 0644));
  SAMOVAR_TRY(layer.add_folder("tmp", 01777));
  SAMOVAR_TRY(layer.add_folder("models", 0755, kUser));
  return layer.finish();
}

// The same settings as in the Dockerfile.
std::string make_config(const std::string& layer) {
  json::Value config;
  config["architecture"] = kArchitecture;
  config["os"] = "linux";
  config["config"] = {
      {"User", fmt::format("{0}:{0}", kUser)},
      {"Env", {"HOME=/tmp", "HF_HUB_CACHE=/models", "SAMOVAR_HOST=0.0.0.0"}},
      {"ExposedPorts", {{"8080/tcp", json::Value::object()}}},
      {"StopSignal", "SIGTERM"},
      {"Entrypoint", json::Value::array({"/usr/bin/samovar"})},
      {"Cmd", json::Value::array({"serve"})},
  };
  config["rootfs"] = {
      {"type", "layers"},
      {"diff_ids", json::Value::array({"sha256:" + store::sha256(layer).hex()})},
  };
  return json::dump(config);
}

}  // namespace

Result<ImageFiles> own_image_files() {
  ImageFiles files;
  SAMOVAR_ASSIGN(files.program, host::own_path());
  dl_iterate_phdr(collect, &files.libraries);
  return files;
}

Status write_image(const std::string& path, const std::string& tag, const ImageFiles& files) {
  SAMOVAR_ASSIGN(const std::string layer, make_layer(files));
  const std::string config = make_config(layer);
  const std::string config_name = store::sha256(config).hex() + ".json";
  const json::Value manifest =
      json::Value::array({{{"Config", config_name},
                           {"RepoTags", json::Value::array({tag})},
                           {"Layers", json::Value::array({"layer.tar"})}}});
  TarText image;
  SAMOVAR_TRY(image.add_file("manifest.json", json::dump(manifest), 0644));
  SAMOVAR_TRY(image.add_file(config_name, config, 0644));
  SAMOVAR_TRY(image.add_file("layer.tar", layer, 0644));
  return sys::write_file_atomic(path, image.finish()).with_context(path);
}

}  // namespace samovar::cluster
