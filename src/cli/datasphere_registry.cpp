// samovar datasphere registry login, samovar datasphere push.
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/datasphere_flags.h"
#include "cli/output.h"
#include "cloud/registry_tool.h"
#include "sys/file.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class RegistryLogin final : public Command {
 public:
  void declare(Flags& flags) override {
    flags_.declare(flags);
    flags.add("--registry", &registry_, "host of the registry");
    flags.add("--user", &user_,
              "json_key: the whole key file; iam: a token, for at most 12 hours; empty: json_key "
              "where there is a key file. Another registry's user: the password is read from "
              "SAMOVAR_REGISTRY_PASSWORD");
    flags.add("--tool", &tool_, "docker, podman or nerdctl");
    flags.add("--dry-run", &dry_run_, "print the command, and run nothing");
  }

  Status run(const Environment& environment) override {
    if (user_.empty()) user_ = flags_.cloud().key_file().empty() ? "iam" : "json_key";
    SAMOVAR_ASSIGN(const Secret password, this->password(environment));
    cloud::RegistryTool tool(tool_, dry_run_, write_stdout);
    return tool.login(registry_, user_, password);
  }

 private:
  Result<Secret> password(const Environment& environment) const {
    if (dry_run_) return Secret();
    if (user_ == "json_key") {
      SAMOVAR_ASSIGN(std::string key, sys::read_file(flags_.cloud().key_file(), 60 << 10));
      return Secret(std::move(key));
    }
    if (user_ != "iam") {
      if (const auto given = environment.get("SAMOVAR_REGISTRY_PASSWORD")) return Secret(*given);
      return invalid_argument(
          fmt::format("--user {}: its password is expected in SAMOVAR_REGISTRY_PASSWORD", user_));
    }
    SAMOVAR_ASSIGN(const auto credentials, flags_.cloud().credentials(environment));
    SAMOVAR_ASSIGN(const Secret header, credentials->authorization());
    const size_t blank = header.reveal().find(' ');
    return Secret(header.reveal().substr(blank + 1));
  }

  DatasphereFlags flags_;
  std::string registry_ = "cr.yandex", user_, tool_ = "docker";
  bool dry_run_ = false;
};

class Push final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("image", &image_, "the image on this machine: localllm");
    flags.add_required("target", &target_, "where it goes: cr.yandex/REGISTRY/localllm:latest");
    flags.add("--tool", &tool_, "docker, podman or nerdctl");
    flags.add("--dry-run", &dry_run_, "print the commands, and run nothing");
  }

  Status run(const Environment& /*environment*/) override {
    SAMOVAR_TRY(cloud::registry_of(target_).status());
    cloud::RegistryTool tool(tool_, dry_run_, write_stdout);
    SAMOVAR_TRY(tool.tag(image_, target_));
    return tool.push(target_);
  }

 private:
  std::string image_, target_, tool_ = "docker";
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> make_datasphere_registry_login() {
  return std::make_unique<RegistryLogin>();
}
std::unique_ptr<Command> make_datasphere_push() {
  return std::make_unique<Push>();
}

}  // namespace samovar::cli
