// Strangers: what `samovar cluster up` must not touch, looked for before its first change.
//
// Steps whose marks say what is ours are those of up_changes(). THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cluster/facts.h"
#include "cluster/wishes.h"
#include "host/machine.h"

#include <string>

namespace samovar::cluster {

// The steps whose marks say which cluster the journal tells of, and how it is monitored.
inline constexpr char kClusterStep[] = "cluster";
inline constexpr char kProfileStep[] = "monitoring-profile";
// What these marks hold: the path of the kubeconfig or "k0s"; "none", "light" or "full".
std::string cluster_name(const ClusterWishes& wishes);
std::string profile_name(Monitoring profile);

// One journal is of one cluster and one way of monitoring it: kBusy, naming `samovar cluster down`,
// where another is up.
Status refuse_second_cluster(const host::Machine& machine, const ClusterFacts& facts,
                             const ClusterWishes& wishes);
// What would be overwritten, and deleted by `samovar cluster down`, on a cluster that exists: kBusy
// with its name. Asks the cluster, and RETURNS kubectl's own error where it does not answer.
Status refuse_strangers(const host::Machine& machine, const ClusterFacts& facts,
                        const ClusterWishes& wishes);

}  // namespace samovar::cluster
