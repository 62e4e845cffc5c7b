// samovar datasphere init, samovar datasphere check: the account's side.
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/datasphere_flags.h"
#include "cli/output.h"
#include "cloud/account_check.h"
#include "cloud/account_setup.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class DatasphereInit final : public Command {
 public:
  void declare(Flags& flags) override {
    flags_.declare(flags);
    flags_.declare_urls(flags);
    flags.add("--account", &wish_.account_name, "name of the service account");
    flags.add("--registry", &wish_.registry_name, "name of the registry");
    flags.add("--key-file", &wish_.key_file, "where the service account's key goes, mode 0600");
    flags.add("--secret", &secret_, "name of the secret in DataSphere that holds the key");
    flags.add("--dry-run", &wish_.dry_run, "look, and say what would be made");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_TRY(flags_.need_folder());
    wish_.folder = flags_.cloud().folder();
    SAMOVAR_ASSIGN(const auto credentials, flags_.cloud().credentials(environment));
    cloud::RestClient rest = flags_.rest(*credentials);
    Status said;
    SAMOVAR_ASSIGN(const cloud::SetupResult made,
                   cloud::set_up_account(rest, wish_, [&](const std::string& line) {
                     if (said.ok()) said = write_stdout(line + "\n");
                   }));
    SAMOVAR_TRY(said);
    const std::string images = made.registry_id.empty() ? "REGISTRY" : made.registry_id;
    return write_stdout(fmt::format("\n{}\n{}\nimages go to cr.yandex/{}/NAME:TAG\n",
                                    cloud::secret_steps(secret_, wish_.key_file),
                                    cloud::project_account_steps(wish_.folder, wish_.account_name),
                                    images));
  }

 private:
  DatasphereFlags flags_;
  cloud::SetupWish wish_;
  std::string secret_ = cloud::NodeWish{}.secret;
};

class DatasphereCheck final : public Command {
 public:
  void declare(Flags& flags) override {
    flags_.cloud().declare_target(flags);
    flags_.declare(flags);
    flags_.declare_urls(flags);
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const auto credentials, flags_.cloud().credentials(environment));
    std::unique_ptr<cloud::NodeClient> node;
    if (flags_.cloud().names_target()) {
      SAMOVAR_ASSIGN(cloud::NodeTarget target, flags_.cloud().target());
      node = std::make_unique<cloud::NodeClient>(
          std::move(target), cloud::NodeClientOptions{.total_timeout_ms = kTimeoutMs,
                                                      .ca_file = flags_.cloud().ca_file()});
    }
    cloud::RestClient rest = flags_.rest(*credentials);
    const auto findings = cloud::check_account({flags_.cloud().key_file(), flags_.cloud().folder()},
                                               *credentials, rest, node.get());
    size_t n_bad = 0;
    for (const cloud::Finding& finding : findings) {
      const bool bad = finding.state == cloud::Finding::State::kBad;
      const bool good = finding.state == cloud::Finding::State::kGood;
      if (bad) ++n_bad;
      SAMOVAR_TRY(write_stdout(fmt::format("{}  {:<7} {}\n",
                                           bad    ? "BAD "
                                           : good ? "ok  "
                                                  : "?   ",
                                           finding.what, finding.text)));
    }
    if (n_bad == 0) return {};
    return invalid_argument(fmt::format("{} of {} checks failed", n_bad, findings.size()));
  }

 private:
  static constexpr int64_t kTimeoutMs = 60'000;

  DatasphereFlags flags_;
};

}  // namespace

std::unique_ptr<Command> make_datasphere_init() {
  return std::make_unique<DatasphereInit>();
}
std::unique_ptr<Command> make_datasphere_check() {
  return std::make_unique<DatasphereCheck>();
}

}  // namespace samovar::cli
