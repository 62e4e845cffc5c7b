// containerd_changes(): the machine's containerd, installed, set up for Kubernetes and started.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cluster/facts.h"
#include "host/change.h"

#include <string>
#include <vector>

namespace samovar::cluster {

// The step whose mark tells that containerd is ours.
inline constexpr char kContainerdInstall[] = "containerd-install";
// The step whose mark tells that /opt/cni is ours.
inline constexpr char kCni[] = "cni";

// Other container engines are turned off. kUnsupported where containerd is missing and no package
// manager that we know can bring it. REQUIRES: a service manager.
// `socket`: there while containerd runs.
Result<std::vector<host::ChangePointer>> containerd_changes(const ClusterFacts& facts,
                                                            const std::string& socket);

}  // namespace samovar::cluster
