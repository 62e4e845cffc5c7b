// samovar host undo, samovar host status: from the journal of `samovar host setup`.
// SPDX-License-Identifier: Apache-2.0
#include "cli/changes.h"
#include "cli/command.h"
#include "cli/output.h"
#include "host/journal.h"
#include "host/services.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class HostStatus final : public Command {
 public:
  void declare(Flags& /*flags*/) override {}

  Status run(const Environment& /*environment*/) override {
    const host::Machine machine = host::Machine::real();
    SAMOVAR_ASSIGN(const host::Journal journal, host::Journal::open(machine));
    if (journal.empty()) return write_stdout("`samovar host setup` has changed nothing here\n");
    std::string text;
    for (size_t i = 0; i < journal.size(); ++i) {
      const bool holds = journal.change(i).holds(machine).value_or(false);
      text += fmt::format("{} {}\n", holds ? " " : "!", journal.change(i).name());
    }
    return write_stdout(
        text + "\n! is no longer so, or was not done: run `samovar host setup --apply` again\n");
  }
};

class HostUndo final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("--apply", &apply_, "do it (as root); without, print what would be taken back");
    flags.add("--forget", &forget_, "leave, for good, what can't be taken back");
  }

  Status run(const Environment& /*environment*/) override {
    const host::Machine machine = host::Machine::real();
    SAMOVAR_ASSIGN(host::Journal journal, host::Journal::open(machine));
    if (journal.empty()) return write_stdout("nothing to take back\n");
    if (!apply_) return show_undo(undo_list(journal));
    SAMOVAR_TRY(need_root("samovar host undo"));
    SAMOVAR_TRY(refuse_under_cluster(machine));
    SAMOVAR_TRY(undo_changes(journal, forget_ ? OnFailure::kForget : OnFailure::kGoOn));
    const std::string models = host::models_of_service(machine);
    return write_stdout(
        "\nthe machine is as it was" +
        (models.empty() ? "\n" : fmt::format("; the service's models stay in {}\n", models)));
  }

 private:
  // It stands on what would be taken away.
  static Status refuse_under_cluster(const host::Machine& machine) {
    SAMOVAR_ASSIGN(const host::Journal journal,
                   host::Journal::open(machine, host::Journal::kClusterPath));
    if (journal.empty()) return {};
    return busy("a cluster stands on this: `samovar cluster down --apply` takes both away");
  }

  bool apply_ = false, forget_ = false;
};

}  // namespace

std::unique_ptr<Command> make_host_status() {
  return std::make_unique<HostStatus>();
}

std::unique_ptr<Command> make_host_undo() {
  return std::make_unique<HostUndo>();
}

}  // namespace samovar::cli
