#include "cli/changes.h"

#include "cli/output.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr char kNotTakenBack[] =
    ": not taken back (run it again to go on; with --forget what can't be taken back is left, and "
    "forgotten)";
constexpr char kNotDoneYet[] = "\nnothing is done yet: run it with --apply, as root\n";

}  // namespace

Status need_root(const std::string& command) {
  if (host::is_root()) return {};
  return invalid_argument(
      fmt::format("--apply: changing this machine takes root: sudo {} --apply", command));
}

// What can't be read yet (the settings of a module that is not loaded) does not hold yet.
Status show_changes(const host::Machine& machine, const Changes& changes, const std::string& done) {
  std::string text;
  for (const auto& change : changes) {
    if (!change->holds(machine).value_or(false)) text += change->describe();
  }
  if (text.empty()) return write_stdout(done);
  return write_stdout(text + kNotDoneYet);
}

Result<int64_t> apply_changes(host::Journal& journal, const host::Machine& machine,
                              const Changes& changes, const std::string& undo) {
  int64_t done = 0;
  for (const auto& change : changes) {
    if (!change->holds(machine).value_or(false)) SAMOVAR_TRY(write_stdout(change->describe()));
    const auto applied = journal.apply(*change);
    if (!applied.ok()) {
      return applied.status().with_context(fmt::format(
          "stopped after {} changes (run it again to go on, or `{}` to go back)", done, undo));
    }
    if (*applied) ++done;
  }
  return done;
}

std::string undo_list(const host::Journal& journal) {
  std::string text;
  for (size_t i = journal.size(); i-- > 0;) text += "  " + journal.change(i).name() + "\n";
  return text;
}

Status show_undo(const std::string& list) {
  return write_stdout("to be taken back, last one first:\n" + list + kNotDoneYet);
}

Status undo_changes(host::Journal& journal, OnFailure on_failure) {
  Status first;
  size_t left = 0;
  for (size_t i = journal.size(); i-- > 0;) {
    const std::string what = journal.change(i).name();
    const Status status = journal.undo(i);
    if (status.ok()) {
      SAMOVAR_TRY(write_stdout("taken back: " + what + "\n"));
      continue;
    }
    if (on_failure == OnFailure::kForget) {
      SAMOVAR_TRY(write_stdout(fmt::format("left as it is: {}: {}\n", what, status.message())));
      SAMOVAR_TRY(journal.forget(i));
      continue;
    }
    if (on_failure == OnFailure::kStop && status.code() != Code::kBusy) {
      return status.with_context(what + kNotTakenBack);
    }
    if (++left == 1 || first.code() == Code::kBusy) first = status;
  }
  return left == 0 ? Status()
                   : first.with_context(fmt::format(
                         "{} of the changes are left (--forget leaves them for good); one of them",
                         left));
}

}  // namespace samovar::cli
