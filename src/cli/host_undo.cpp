// samovar host undo, samovar host status: from the journal of `samovar host setup`.
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/output.h"
#include "host/journal.h"

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
  }

  Status run(const Environment& /*environment*/) override {
    const host::Machine machine = host::Machine::real();
    SAMOVAR_ASSIGN(host::Journal journal, host::Journal::open(machine));
    if (journal.empty()) return write_stdout("nothing to take back\n");
    if (!apply_) return show(journal);
    if (!host::is_root()) {
      return invalid_argument(
          "--apply: changing this machine takes root: sudo samovar host undo --apply");
    }
    return undo(journal);
  }

 private:
  static Status show(const host::Journal& journal) {
    std::string text = "to be taken back, last one first:\n";
    for (size_t i = journal.size(); i-- > 0;) text += "  " + journal.change(i).name() + "\n";
    return write_stdout(text + "\nnothing is done yet: run it with --apply, as root\n");
  }

  // What can't be taken back does not keep the others.
  static Status undo(host::Journal& journal) {
    Status first;
    size_t left = 0;
    for (size_t i = journal.size(); i-- > 0;) {
      const std::string what = journal.change(i).name();
      const Status status = journal.undo(i);
      if (status.ok()) {
        SAMOVAR_TRY(write_stdout("taken back: " + what + "\n"));
        continue;
      }
      if (++left == 1) first = status;
    }
    if (left == 0) return write_stdout("\nthe machine is as it was\n");
    return first.with_context(fmt::format("{} of the changes are left; the first", left));
  }

  bool apply_ = false;
};

}  // namespace

std::unique_ptr<Command> make_host_status() {
  return std::make_unique<HostStatus>();
}

std::unique_ptr<Command> make_host_undo() {
  return std::make_unique<HostUndo>();
}

}  // namespace samovar::cli
