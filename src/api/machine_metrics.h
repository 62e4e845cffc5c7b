// The series of /metrics that tell of the machine and of this process: memory, swap, CPU quota.
//
// Read from /proc, /sys and the cgroup when asked. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "metrics/registry.h"

namespace samovar::api {

void add_machine_metrics(metrics::Registry& registry);

}  // namespace samovar::api
