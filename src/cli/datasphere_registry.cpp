// samovar datasphere registry login, samovar datasphere registry push.
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/datasphere_flags.h"
#include "cli/output.h"
#include "cli/registry_flags.h"
#include "cloud/registry_tool.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class RegistryLogin final : public Command {
 public:
  void declare(Flags& flags) override {
    cloud_.declare(flags);
    who_.declare(flags);
    flags.add("--registry", &registry_, "host of the registry");
    flags.add("--dry-run", &dry_run_, "print the command, and run nothing");
  }

  Status run(const Environment& environment) override {
    cloud::RegistryTool tool(who_.tool(), dry_run_, write_stdout);
    if (dry_run_) return tool.login(registry_, who_.name(registry_, cloud_), {});
    SAMOVAR_ASSIGN(const cloud::RegistryUser user, who_.user(registry_, cloud_, environment));
    if (user.name.empty()) return invalid_argument("--user is missing: who logs in?");
    if (registry_ != kCloudRegistry) {
      // The tool goes with the password wherever the registry sends it.
      cloud::RegistryClient client({registry_, "samovar", "latest"}, {}, who_.options(cloud_),
                                   sleep_ms);
      SAMOVAR_TRY(client.check());
    }
    return tool.login(registry_, user.name, user.password);
  }

 private:
  CloudFlags cloud_;
  RegistryFlags who_;
  std::string registry_ = kCloudRegistry;
  bool dry_run_ = false;
};

class Push final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("image", &image_,
                       "the image on this machine: localllm; or a file as `docker save` writes it");
    flags.add_required("target", &target_, "where it goes: cr.yandex/REGISTRY/localllm:latest");
    cloud_.declare(flags);
    who_.declare(flags);
    flags.add("--dry-run", &dry_run_, "print what would be done, and do nothing");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const cloud::ImageName target, cloud::ImageName::parse(target_));
    return who_.push(image_, target, cloud_, environment, dry_run_);
  }

 private:
  CloudFlags cloud_;
  RegistryFlags who_;
  std::string image_, target_;
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
