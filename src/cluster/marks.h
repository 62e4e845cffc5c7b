// What the marks of two steps without commands tell: which cluster the journal is of, and how it is
// monitored.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cluster/wishes.h"
#include "host/machine.h"

#include <string>

namespace samovar::cluster {

// The steps. Without the second one the cluster is not monitored.
inline constexpr char kClusterStep[] = "cluster";
inline constexpr char kProfileStep[] = "monitoring-profile";
// What their marks hold: the path of the kubeconfig or "k0s"; "none", "light" or "full".
std::string cluster_name(const ClusterWishes& wishes);
std::string profile_name(Monitoring profile);

// What the mark of `step` holds; empty: there is none.
Result<std::string> marked(const host::Machine& machine, const char* step);
// The kubeconfig and the monitoring of the cluster that is up.
Result<ClusterWishes> standing_cluster(const host::Machine& machine);

}  // namespace samovar::cluster
