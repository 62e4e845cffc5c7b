// samovar cluster down: the journal of `samovar cluster up` backwards, then that of `host setup`.
// SPDX-License-Identifier: Apache-2.0
#include "cli/changes.h"
#include "cli/command.h"
#include "cli/output.h"
#include "host/host_facts.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class ClusterDown final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("--apply", &apply_, "do it (as root); without, print what would be taken back");
    flags.add("--keep-host", &keep_host_, "leave what `host setup` has changed");
    flags.add("--forget", &forget_,
              "leave, for good, what can't be taken back (the cluster itself is gone, ...)");
    flags.add("--reboot", &reboot_, "restart the machine at the end");
  }

  Status run(const Environment& /*environment*/) override {
    const host::Machine machine = host::Machine::real();
    SAMOVAR_ASSIGN(host::Journal cluster,
                   host::Journal::open(machine, host::Journal::kClusterPath));
    SAMOVAR_ASSIGN(host::Journal host, host::Journal::open(machine));
    if (cluster.empty()) {
      return write_stdout(
          "no cluster of ours here; `samovar host undo` takes back what `host setup` has "
          "changed\n");
    }
    if (!apply_) return show(cluster, host);
    SAMOVAR_TRY(need_root("samovar cluster down"));
    const Status undone = undo_changes(cluster, forget_ ? OnFailure::kForget : OnFailure::kStop);
    // A file that somebody has edited is no cluster.
    if (!undone.ok() && undone.code() != Code::kBusy) return undone;
    if (!keep_host_) {
      const auto on_failure = forget_ ? OnFailure::kForget : OnFailure::kGoOn;
      const Status host_undone = undo_changes(host, on_failure);
      if (undone.ok()) SAMOVAR_TRY(host_undone);
    }
    SAMOVAR_TRY(undone);
    return end(machine);
  }

 private:
  static constexpr char kLeft[] =
      "what stays: models (`samovar rm` removes them); network interfaces and firewall rules of "
      "the pods, until a restart; packages that came with containerd, and images of pods in a "
      "containerd that was here before\n";

  Status show(const host::Journal& cluster, const host::Journal& host) const {
    return show_undo(undo_list(cluster) + (keep_host_ ? "" : undo_list(host)) +
                     (reboot_ ? "then the machine restarts\n" : ""));
  }

  Status end(const host::Machine& machine) const {
    if (!reboot_) {
      return write_stdout(fmt::format("\nthe cluster is gone; {}", kLeft));
    }
    SAMOVAR_TRY(write_stdout("\nthe cluster is gone; the machine restarts now\n"));
    SAMOVAR_ASSIGN(const host::HostFacts facts, host::read_facts(machine));
    const bool systemd = facts.service_manager == host::ServiceManager::kSystemd;
    return machine.run(systemd ? host::Arguments{"systemctl", "reboot"} : host::Arguments{"reboot"})
        .status();
  }

  bool apply_ = false, keep_host_ = false, forget_ = false, reboot_ = false;
};

}  // namespace

std::unique_ptr<Command> make_cluster_down() {
  return std::make_unique<ClusterDown>();
}

}  // namespace samovar::cli
