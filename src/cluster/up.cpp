#include "cluster/up.h"

#include "cluster/containerd.h"
#include "cluster/k0s.h"
#include "cluster/kubectl.h"
#include "cluster/marks.h"
#include "cluster/memory.h"
#include "cluster/monitoring.h"
#include "cluster/release.h"

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

using host::Changes;

Result<Changes> own_cluster(const ClusterFacts& facts, const ClusterWishes& wishes) {
  if (facts.service_manager == host::ServiceManager::kNone) {
    return unsupported(
        "k0s runs as a service, and neither systemd nor OpenRC runs here; --kubeconfig FILE names "
        "a cluster that exists");
  }
  SAMOVAR_ASSIGN(Changes changes, containerd_changes(facts, wishes.containerd));
  SAMOVAR_ASSIGN(Changes more, k0s_changes(facts, wishes));
  host::append(changes, std::move(more));
  return changes;
}

// A step that does nothing but remember `what`.
host::ChangePointer mark(const char* name, std::string what) {
  return host::make_step_change({.name = name, .apply = {}, .version = std::move(what)});
}

// Before anything is done: what is fetched comes late.
Status check_curl(const ClusterFacts& facts) {
  if (facts.has_curl) return {};
  const std::string& manager = facts.package_manager;
  const std::string how = manager.empty()       ? "install it"
                          : manager == "apk"    ? "apk add curl"
                          : manager == "pacman" ? "pacman -S curl"
                                                : manager + " install curl";
  return unsupported(fmt::format(
      "curl: not here; k0s and kube-prometheus are fetched with it: {}, then run this again", how));
}

std::string wait_step(const std::string& name) {
  return "wait-" + name;
}

host::ChangePointer wait_for(const ClusterWishes& wishes, const host::Arguments& what) {
  host::Arguments command{"rollout", "status", "--timeout=20s"};
  command.insert(command.end(), what.begin(), what.end());
  const std::string name = what.back().substr(what.back().find('/') + 1);
  return host::make_step_change({.name = wait_step(name),
                                 .apply = {kubectl(wishes, command)},
                                 .when = host::Step::When::kAlways,
                                 .tries = 60});  // what an operator makes is not there at once
}

}  // namespace

Result<Changes> up_changes(const ClusterFacts& facts, const ClusterWishes& wishes) {
  SAMOVAR_ASSIGN(const PodMemory memory, pod_memory(facts, wishes));
  const Monitoring monitoring = monitoring_of(facts, wishes);
  const bool monitored = monitoring != Monitoring::kNone;
  if (wishes.kubeconfig.empty() || monitored) SAMOVAR_TRY(check_curl(facts));
  Changes changes;
  changes.push_back(mark(kClusterStep, cluster_name(wishes)));
  if (wishes.kubeconfig.empty()) {
    SAMOVAR_ASSIGN(Changes own, own_cluster(facts, wishes));
    host::append(changes, std::move(own));
  }
  if (monitored) {
    changes.push_back(mark(kProfileStep, profile_name(monitoring)));
    host::append(changes, monitoring_changes(wishes, monitoring));
  }
  host::append(changes, release_changes(wishes, memory, monitored));
  if (!wishes.wait) return changes;
  changes.push_back(wait_for(wishes, {fmt::format("statefulset/{}", kReleaseName)}));
  if (!monitored) return changes;
  changes.push_back(wait_for(wishes, {"-n", "monitoring", "statefulset/prometheus-k8s"}));
  changes.push_back(wait_for(wishes, {"-n", "monitoring", "deployment/grafana"}));
  return changes;
}

std::string plan_log(const host::Machine& machine, const ClusterWishes& wishes) {
  const auto mark = machine.read(host::step_mark(wait_step(kReleaseName)));
  if (!mark.ok() || !mark.value() || *mark.value() != host::kStepBegun) return "";
  const auto log = machine.run(
      kubectl(wishes, {"logs", fmt::format("{}-0", kReleaseName), "-c", "plan", "--tail=40"}));
  return log.ok() ? fmt::format("what the pod's own check of its plan says:\n{}", *log) : "";
}

}  // namespace samovar::cluster
