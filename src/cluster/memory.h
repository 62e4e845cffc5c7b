// Memory beside the pods: what the machine, Kubernetes and the monitoring take, and what is left.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cluster/facts.h"
#include "cluster/wishes.h"

#include <cstdint>

namespace samovar::cluster {

// `wishes.monitoring`, kBySize decided.
Monitoring monitoring_of(const ClusterFacts& facts, const ClusterWishes& wishes);

struct PodMemory {
  int64_t limit_mib = 0;
  int64_t request_mib = 0;  // below the limit, so that Kubernetes gives the pod swap
  // What the pod's own check will count: of this machine's swap what the request is of its RAM, but
  // of zram no more than is left beside the limit, since zram lies in memory.
  int64_t swap_mib = 0;
};
// On a cluster that exists elsewhere: the chart's limit, or the wished one.
// kResourceExhausted with the account where too little is left, or where less is left than wished.
Result<PodMemory> pod_memory(const ClusterFacts& facts, const ClusterWishes& wishes);

}  // namespace samovar::cluster
