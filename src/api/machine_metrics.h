// The series of /metrics that tell of the machine and of this process: memory, swap, CPU quota.
//
// Read from /proc, /sys and the cgroup, each file once. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "metrics/families.h"

namespace samovar::api {

void add_machine_metrics(metrics::Families& out);

}  // namespace samovar::api
