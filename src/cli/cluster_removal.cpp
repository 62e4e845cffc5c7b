#include "cli/cluster_removal.h"

#include "cli/changes.h"
#include "cli/output.h"
#include "host/host_facts.h"
#include "host/services.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr char kWhatStays[] =
    "what stays: models (`samovar rm` removes them); network interfaces and firewall rules of "
    "the pods, until a restart; packages that came with containerd, and images of pods in a "
    "containerd that was here before\n";

Status end_removal(const host::Machine& machine, const ClusterRemoval& removal) {
  if (!removal.reboot) {
    return write_stdout(fmt::format("\nthe cluster is gone; {}", kWhatStays));
  }
  SAMOVAR_TRY(write_stdout("\nthe cluster is gone; the machine restarts now\n"));
  SAMOVAR_ASSIGN(const host::HostFacts facts, host::read_facts(machine));
  return machine.run(host::reboot_command(facts.service_manager)).status();
}

}  // namespace

Status remove_cluster(const host::Machine& machine, const ClusterRemoval& removal) {
  SAMOVAR_ASSIGN(host::Journal cluster, host::Journal::open(machine, host::Journal::kClusterPath));
  SAMOVAR_ASSIGN(host::Journal host, host::Journal::open(machine));
  const Status undone =
      undo_changes(cluster, removal.forget ? OnFailure::kForget : OnFailure::kStop);
  // A file that somebody has edited is no cluster.
  if (!undone.ok() && undone.code() != Code::kBusy) return undone;
  if (!removal.keep_host) {
    const auto on_failure = removal.forget ? OnFailure::kForget : OnFailure::kGoOn;
    const Status host_undone = undo_changes(host, on_failure);
    if (undone.ok()) SAMOVAR_TRY(host_undone);
  }
  SAMOVAR_TRY(undone);
  return end_removal(machine, removal);
}

}  // namespace samovar::cli
