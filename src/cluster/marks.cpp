#include "cluster/marks.h"

#include "host/change.h"

namespace samovar::cluster {
namespace {

constexpr char kOwnCluster[] = "k0s";

}  // namespace

std::string cluster_name(const ClusterWishes& wishes) {
  return wishes.kubeconfig.empty() ? kOwnCluster : wishes.kubeconfig;
}

std::string profile_name(Monitoring profile) {
  if (profile == Monitoring::kNone) return "none";
  return profile == Monitoring::kLight ? "light" : "full";
}

// A step that had only begun has done nothing: these have no commands.
Result<std::string> marked(const host::Machine& machine, const char* step) {
  SAMOVAR_ASSIGN(auto text, machine.read(host::step_mark(step)));
  if (!text || *text == host::kStepBegun) return std::string();
  while (text->ends_with('\n')) text->pop_back();
  return *std::move(text);
}

Result<ClusterWishes> standing_cluster(const host::Machine& machine) {
  ClusterWishes wishes;
  SAMOVAR_ASSIGN(const std::string cluster, marked(machine, kClusterStep));
  if (cluster != kOwnCluster) wishes.kubeconfig = cluster;
  SAMOVAR_ASSIGN(const std::string profile, marked(machine, kProfileStep));
  wishes.monitoring = Monitoring::kNone;
  for (const Monitoring known : {Monitoring::kLight, Monitoring::kFull}) {
    if (profile == profile_name(known)) wishes.monitoring = known;
  }
  return wishes;
}

}  // namespace samovar::cluster
