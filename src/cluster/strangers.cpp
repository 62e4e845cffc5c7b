#include "cluster/strangers.h"

#include "cluster/kubectl.h"
#include "cluster/marks.h"
#include "cluster/memory.h"
#include "cluster/monitoring.h"
#include "cluster/release.h"
#include "host/change.h"

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

using host::Machine;

// Which of `names` the cluster has, as "a, b".
Result<std::string> existing(const Machine& machine, const ClusterWishes& wishes,
                             const host::Arguments& names) {
  host::Arguments command{"get", "--ignore-not-found", "-o", "name"};
  command.insert(command.begin() + 1, names.begin(), names.end());
  SAMOVAR_ASSIGN(std::string found, machine.run(kubectl(wishes, command)));
  while (found.ends_with('\n')) found.pop_back();
  for (size_t at = found.find('\n'); at != found.npos; at = found.find('\n', at)) {
    found.replace(at, 1, ", ");
  }
  return found;
}

}  // namespace

Status refuse_second_cluster(const Machine& machine, const ClusterFacts& facts,
                             const ClusterWishes& wishes) {
  SAMOVAR_ASSIGN(const std::string cluster, marked(machine, kClusterStep));
  if (!cluster.empty() && cluster != cluster_name(wishes)) {
    return busy(fmt::format(
        "a cluster is up already ({}), and one at a time can be taken back: `samovar cluster down` "
        "first",
        cluster));
  }
  SAMOVAR_ASSIGN(const std::string profile, marked(machine, kProfileStep));
  const std::string wished = profile_name(monitoring_of(facts, wishes));
  if (profile.empty() || profile == wished) return {};
  return busy(fmt::format(
      "monitoring: the cluster that is up has the profile {0}, and {1} is asked for: give "
      "--monitoring {0}, or `samovar cluster down` first",
      profile, wished));
}

Status refuse_strangers(const Machine& machine, const ClusterFacts& facts,
                        const ClusterWishes& wishes) {
  if (wishes.kubeconfig.empty()) return {};
  const bool monitored = monitoring_of(facts, wishes) != Monitoring::kNone;
  if (monitored && !machine.exists(host::step_mark(kMonitoringSetup))) {
    SAMOVAR_ASSIGN(const std::string found,
                   existing(machine, wishes,
                            {"crd/prometheuses.monitoring.coreos.com", "namespace/monitoring"}));
    if (!found.empty()) {
      return busy(fmt::format(
          "{}: this cluster is monitored already, and not by samovar: --monitoring none leaves "
          "that alone",
          found));
    }
  }
  if (machine.exists(host::step_mark(kReleaseStep))) return {};
  SAMOVAR_ASSIGN(const std::string found,
                 existing(machine, wishes, {fmt::format("statefulset/{}", kReleaseName)}));
  if (found.empty()) return {};
  return busy(fmt::format(
      "{}: it is in this cluster already, and not by samovar: remove it, or give it another name, "
      "then run this again",
      found));
}

}  // namespace samovar::cluster
