// Strangers: what `samovar cluster up` must not touch, looked for before its first change.
//
// Steps whose marks say what is ours are those of up_changes(). THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cluster/facts.h"
#include "cluster/wishes.h"
#include "host/machine.h"

namespace samovar::cluster {

// One journal is of one cluster and one way of monitoring it: kBusy, naming `samovar cluster down`,
// where another is up.
Status refuse_second_cluster(const host::Machine& machine, const ClusterFacts& facts,
                             const ClusterWishes& wishes);
// What would be overwritten, and deleted by `samovar cluster down`, on a cluster that exists: kBusy
// with its name. Asks the cluster, and RETURNS kubectl's own error where it does not answer.
Status refuse_strangers(const host::Machine& machine, const ClusterFacts& facts,
                        const ClusterWishes& wishes);

}  // namespace samovar::cluster
