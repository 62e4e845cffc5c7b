// monitoring_changes(): kube-prometheus of one release, whole or light.
//
// The light profile is Prometheus and Grafana, for a machine of 8 GB. Its files are put together by
// kubectl's own kustomize, as is the mount of our dashboard into Grafana.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cluster/wishes.h"
#include "host/change.h"

#include <string>
#include <vector>

namespace samovar::cluster {

// The step whose mark tells that the namespace `monitoring` and the operator's kinds are ours.
inline constexpr char kMonitoringSetup[] = "monitoring-setup";

// REQUIRES: `profile` is kLight or kFull.
std::vector<host::ChangePointer> monitoring_changes(const ClusterWishes& wishes,
                                                    Monitoring profile);

}  // namespace samovar::cluster
