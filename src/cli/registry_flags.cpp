#include "cli/registry_flags.h"

#include "cli/datasphere_flags.h"
#include "cli/output.h"
#include "cloud/image_push.h"
#include "cloud/registry_tool.h"
#include "sys/file.h"
#include "sys/nameless_file.h"

#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr uint64_t kMaxKeyBytes = 60 << 10;

// What the tool saves, for as long as it is needed.
class SavedFile {
 public:
  explicit SavedFile(int fd) : fd_(fd) {}
  ~SavedFile() { close(fd_); }
  SavedFile(const SavedFile&) = delete;
  SavedFile& operator=(const SavedFile&) = delete;

  int fd() const { return fd_; }
  std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

 private:
  const int fd_;
};

}  // namespace

void RegistryFlags::declare(Flags& flags) {
  flags.add("--user", &user_,
            "json_key: the whole key file; iam: a token, for at most 12 hours; empty: for "
            "cr.yandex one of them, for other registries nobody. Another registry's user: the "
            "password is read from SAMOVAR_REGISTRY_PASSWORD");
  flags.add("--token-service", &token_service_,
            "the registry's token service where it is on another host, which then gets the "
            "password: https://auth.example.com");
  flags.add("--tool", &tool_, "docker, podman or nerdctl");
}

std::string RegistryFlags::name(const std::string& registry, const CloudFlags& cloud) const {
  if (!user_.empty() || registry != kCloudRegistry) return user_;
  return cloud.key_file().empty() ? "iam" : "json_key";
}

Result<cloud::RegistryUser> RegistryFlags::user(const std::string& registry,
                                                const CloudFlags& cloud,
                                                const Environment& environment) const {
  const std::string name = this->name(registry, cloud);
  if (name.empty()) return cloud::RegistryUser{};
  if (name == "json_key") {
    if (cloud.key_file().empty()) return invalid_argument("--user json_key: --key is missing");
    SAMOVAR_ASSIGN(std::string key, sys::read_file(cloud.key_file(), kMaxKeyBytes));
    return cloud::RegistryUser{name, Secret(std::move(key))};
  }
  if (name == "iam") {
    SAMOVAR_ASSIGN(const auto credentials, cloud.credentials(environment));
    SAMOVAR_ASSIGN(const Secret header, credentials->authorization());
    const size_t blank = header.reveal().find(' ');
    return cloud::RegistryUser{name, Secret(header.reveal().substr(blank + 1))};
  }
  const auto password = environment.get("SAMOVAR_REGISTRY_PASSWORD");
  if (password) return cloud::RegistryUser{name, Secret(*password)};
  return invalid_argument(
      fmt::format("--user {}: its password is expected in SAMOVAR_REGISTRY_PASSWORD", name));
}

cloud::RegistryOptions RegistryFlags::options(const CloudFlags& cloud) const {
  return {.token_service = token_service_, .ca_file = cloud.ca_file()};
}

Status RegistryFlags::push(const std::string& image, const cloud::ImageName& target,
                           const CloudFlags& cloud, const Environment& environment,
                           bool dry_run) const {
  const bool is_file = std::filesystem::is_regular_file(image);
  cloud::RegistryTool tool(tool_, dry_run, write_stdout);
  if (dry_run) {
    if (!is_file) SAMOVAR_TRY(tool.save(image, -1));
    const std::string name = this->name(target.registry, cloud);
    return write_stdout(
        fmt::format("send it to {} as {}\n", target.text(), name.empty() ? "nobody" : name));
  }
  SAMOVAR_ASSIGN(cloud::RegistryUser user, this->user(target.registry, cloud, environment));
  cloud::RegistryClient registry(target, std::move(user), options(cloud), sleep_ms);
  SAMOVAR_TRY(registry.check());  // before the long work
  const std::string folder = environment.get("TMPDIR").value_or("/var/tmp");
  if (is_file) return cloud::push_image({image, folder}, registry, write_stdout);
  SAMOVAR_ASSIGN(const int fd, sys::open_nameless(folder));
  const SavedFile saved(fd);
  SAMOVAR_TRY(tool.save(image, saved.fd()));
  return cloud::push_image({saved.path(), folder}, registry, write_stdout);
}

}  // namespace samovar::cli
