#include "cluster/image.h"

#include "cluster/architecture.h"
#include "host/machine.h"
#include "json/json.h"
#include "store/archive_writer.h"
#include "store/digest.h"
#include "sys/file.h"

#include <functional>
#include <link.h>
#include <unistd.h>

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;
constexpr int kUser = 65532;

int collect(dl_phdr_info* info, size_t /*size*/, void* libraries) {
  const std::string path = info->dlpi_name;
  if (path.starts_with('/')) static_cast<std::vector<std::string>*>(libraries)->push_back(path);
  return 0;
}

Status write_tar(store::ByteSink sink, const std::function<Status(store::ArchiveWriter&)>& fill) {
  SAMOVAR_ASSIGN(auto tar, store::ArchiveWriter::begin(std::move(sink)));
  SAMOVAR_TRY(fill(tar));
  return tar.finish();
}

Status add_copy(store::ArchiveWriter& tar, const std::string& from, const std::string& to,
                int mode) {
  SAMOVAR_ASSIGN(const std::string bytes, sys::read_file(from, kMaxFileBytes));
  return tar.add_text(to.substr(1), bytes, mode);
}

Status fill_layer(const ImageFiles& files, store::ArchiveWriter& layer) {
  SAMOVAR_TRY(add_copy(layer, files.program, "/usr/bin/samovar", 0755));
  for (const std::string& library : files.libraries) {
    SAMOVAR_TRY(add_copy(layer, library, library, 0755));
  }
  SAMOVAR_TRY(add_copy(layer, files.certificates, "/etc/ssl/certs/ca-certificates.crt", 0644));
  SAMOVAR_TRY(layer.add_text(
      "etc/passwd", fmt::format("samovar:x:{0}:{0}::/tmp:/usr/sbin/nologin\n", kUser), 0644));
  SAMOVAR_TRY(layer.add_text("etc/group", fmt::format("samovar:x:{}:\n", kUser), 0644));
  SAMOVAR_TRY(layer.add_text("etc/nsswitch.conf", "hosts: files dns\n", 0644));
  SAMOVAR_TRY(layer.add_folder("tmp", 01777));
  return layer.add_folder("models", 0755, kUser);
}

// In memory, since its digest and its size are wanted before it is written.
Result<std::string> make_layer(const ImageFiles& files) {
  std::string layer;
  SAMOVAR_TRY(write_tar(
      [&](std::span<const std::byte> bytes) {
        layer.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return Status();
      },
      [&](store::ArchiveWriter& tar) { return fill_layer(files, tar); }));
  return layer;
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
      {"Cmd", json::Value::array({"serve", "--pull"})},
  };
  config["rootfs"] = {
      {"type", "layers"},
      {"diff_ids", json::Value::array({"sha256:" + store::sha256(layer).hex()})},
  };
  return json::dump(config);
}

// Whole or not at all.
Status write_whole(const std::string& path,
                   const std::function<Status(store::ArchiveWriter&)>& fill) {
  SAMOVAR_ASSIGN(auto file, sys::AtomicFile::open(fmt::format("{}.tmp-{}", path, getpid()), path));
  SAMOVAR_TRY(file.truncate(0));
  SAMOVAR_TRY(
      write_tar([&](std::span<const std::byte> bytes) { return file.append(bytes); }, fill));
  return file.commit();
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
  return write_whole(path,
                     [&](store::ArchiveWriter& tar) -> Status {
                       SAMOVAR_TRY(tar.add_text("manifest.json", json::dump(manifest)));
                       SAMOVAR_TRY(tar.add_text(config_name, config));
                       return tar.add_text("layer.tar", layer);
                     })
      .with_context(path);
}

}  // namespace samovar::cluster
