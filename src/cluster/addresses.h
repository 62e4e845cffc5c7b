// Where a cluster answers: what `samovar cluster up` ends with and `samovar cluster status` shows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cluster/wishes.h"
#include "host/machine.h"

#include <string>

namespace samovar::cluster {

// A line each for the API, Prometheus (with its target's state) and Grafana; what does not answer
// is said to be not there.
std::string addresses(const host::Machine& machine, const ClusterWishes& wishes);

}  // namespace samovar::cluster
