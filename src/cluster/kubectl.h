// How a command reaches the cluster: k0s has a kubectl inside, another cluster is named by its
// kubeconfig.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cluster/wishes.h"
#include "host/machine.h"

#include <string>

namespace samovar::cluster {

inline constexpr char kK0sProgram[] = "/usr/local/bin/k0s";
// There while k0s runs.
inline constexpr char kK0sSocket[] = "/run/k0s/status.sock";
// Where the files lie that kubectl reads.
inline constexpr char kFolder[] = "/var/lib/samovar-host/cluster";

// kubectl with `arguments`.
host::Arguments kubectl(const ClusterWishes& wishes, const host::Arguments& arguments);
// kubectl delete of what the manifests `what` ("-k", "/folder") have made; ends when the pods are
// gone too. Fine where nothing is left.
host::Arguments kubectl_delete(const ClusterWishes& wishes, const host::Arguments& what);
// A path without which there is no cluster to undo anything in; empty: can't be told.
std::string cluster_evidence(const ClusterWishes& wishes);

}  // namespace samovar::cluster
