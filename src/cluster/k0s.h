// k0s_changes(): Kubernetes on this machine alone, by k0s: fetched, installed as a service,
// started.
//
// Commands and settings: docs.k0sproject.io, "k0s install controller", "Worker profiles", "Reset".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cluster/facts.h"
#include "cluster/wishes.h"
#include "host/change.h"

#include <vector>

namespace samovar::cluster {

// Names of steps whose marks tell that a k0s is ours.
inline constexpr char kK0sDownload[] = "k0s-download";
inline constexpr char kK0sInstall[] = "k0s-install";

// kBusy where somebody else's k0s is here, kUnsupported on a CPU that it is not built for.
Result<std::vector<host::ChangePointer>> k0s_changes(const ClusterFacts& facts,
                                                     const ClusterWishes& wishes);

}  // namespace samovar::cluster
