// samovar cluster down
// SPDX-License-Identifier: Apache-2.0
#include "cli/changes.h"
#include "cli/cluster_removal.h"
#include "cli/command.h"
#include "cli/output.h"

namespace samovar::cli {
namespace {

class ClusterDown final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("--apply", &apply_, "do it (as root); without, print what would be taken back");
    flags.add("--keep-host", &removal_.keep_host, "leave what `host setup` has changed");
    flags.add("--forget", &removal_.forget,
              "leave, for good, what can't be taken back (the cluster itself is gone, ...)");
    flags.add("--reboot", &removal_.reboot, "restart the machine at the end");
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
    return remove_cluster(machine, removal_);
  }

 private:
  Status show(const host::Journal& cluster, const host::Journal& host) const {
    return show_undo(undo_list(cluster) + (removal_.keep_host ? "" : undo_list(host)) +
                     (removal_.reboot ? "then the machine restarts\n" : ""));
  }

  bool apply_ = false;
  ClusterRemoval removal_;
};

}  // namespace

std::unique_ptr<Command> make_cluster_down() {
  return std::make_unique<ClusterDown>();
}

}  // namespace samovar::cli
