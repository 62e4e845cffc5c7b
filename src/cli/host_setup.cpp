// samovar host setup
// SPDX-License-Identifier: Apache-2.0
#include "cli/changes.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/serve_models.h"
#include "host/journal.h"
#include "host/setup.h"

#include <filesystem>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class HostSetup final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("--apply", &apply_, "do it (as root); without, print what would be done");
    flags.add("--no-zram", &no_zram_, "leave swap as it is");
    flags.add("--zram-size", &zram_size_, "what goes into compressed swap, as 4G (default: RAM)");
    flags.add("--zram-algorithm", &wishes_.zram_algorithm,
              "how it is compressed: lzo-rle, zstd, ...");
    flags.add("--no-kubernetes", &no_kubernetes_,
              "no modules, sysctls and host name for Kubernetes");
    flags.add("--serve", &wishes_.serve,
              "a model that a service pulls, and serves from the machine's start on");
  }

  Status run(const Environment& /*environment*/) override {
    wishes_.zram = !no_zram_;
    SAMOVAR_ASSIGN(wishes_.zram_bytes, parse_bytes(zram_size_, "--zram-size"));
    wishes_.kubernetes = !no_kubernetes_;
    // The service runs in another folder.
    std::error_code none;
    if (std::filesystem::is_regular_file(wishes_.serve, none)) {
      wishes_.serve = std::filesystem::absolute(wishes_.serve).lexically_normal();
    }
    SAMOVAR_ASSIGN(wishes_.program, host::own_path());
    const host::Machine machine = host::Machine::real();
    SAMOVAR_ASSIGN(const host::HostFacts facts, host::read_facts(machine));
    SAMOVAR_ASSIGN(const auto changes, host::setup_changes(facts, wishes_));
    return apply_ ? apply(machine, changes) : show_changes(machine, changes, kDone);
  }

 private:
  static constexpr char kDone[] = "nothing to do: the machine is set up\n";

  static Status apply(const host::Machine& machine, const Changes& changes) {
    SAMOVAR_TRY(need_root("samovar host setup"));
    SAMOVAR_ASSIGN(host::Journal journal, host::Journal::open(machine));
    SAMOVAR_ASSIGN(const int64_t done,
                   apply_changes(journal, machine, changes, "samovar host undo"));
    return write_stdout(
        done == 0 ? kDone
                  : fmt::format("\nchanges: {}; `samovar host undo` takes them back\n", done));
  }

  bool apply_ = false;
  bool no_zram_ = false;
  bool no_kubernetes_ = false;
  std::string zram_size_ = "0";
  host::SetupWishes wishes_;
};

}  // namespace

std::unique_ptr<Command> make_host_setup() {
  return std::make_unique<HostSetup>();
}

}  // namespace samovar::cli
