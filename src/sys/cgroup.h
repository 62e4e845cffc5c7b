// CPU and memory limits that the cgroup of this process sets: v1 and v2, container or host.
//
// Every ancestor that can be seen is read: the strictest limit counts. `root` is put before /proc
// and before the mount points found there: tests give a made-up tree. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace samovar::sys {

struct CgroupMemory {
  std::optional<uint64_t> limit_bytes;     // the strictest; nothing when unlimited
  std::optional<uint64_t> used_bytes;      // of the cgroup with that limit
  std::optional<uint64_t> headroom_bytes;  // least of limit - used + reclaimable
};
CgroupMemory cgroup_memory(const std::string& root);

// In cores (1.5 = one and a half); nothing when unlimited.
std::optional<double> cgroup_cpu_quota(const std::string& root);

}  // namespace samovar::sys
