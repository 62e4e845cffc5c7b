// up_changes(): what turns a machine into a cluster that serves a model, in its order; taken back
// in reverse it is the whole removal.
//
// A pure function of facts and wishes. docs/guides/tablet.md tells the story, decision 18 why.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cluster/facts.h"
#include "cluster/wishes.h"
#include "host/change.h"
#include "host/machine.h"

#include <string>
#include <vector>

namespace samovar::cluster {

// kUnsupported without a service manager, or without the curl that fetches; kBusy where another k0s
// is, kResourceExhausted where the memory that is left is too little.
Result<std::vector<host::ChangePointer>> up_changes(const ClusterFacts& facts,
                                                    const ClusterWishes& wishes);

// What the pod's check of its plan has said, where the wait for the release began and did not end;
// else empty.
std::string plan_log(const host::Machine& machine, const ClusterWishes& wishes);

}  // namespace samovar::cluster
