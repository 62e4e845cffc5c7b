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
  std::optional<uint64_t> limit_bytes;          // the strictest; nothing when unlimited
  std::optional<uint64_t> used_bytes;           // of the cgroup with that limit
  std::optional<uint64_t> headroom_bytes;       // least of limit - used + reclaimable
  std::optional<uint64_t> swap_headroom_bytes;  // least of what it may still swap out
};
CgroupMemory cgroup_memory(const std::string& root);

// CPU time that the kernel gives out anew in each period.
struct CgroupCpuQuota {
  double cores = 0;  // CPU time of a period, in periods: 1.5 = one core and a half
  int64_t period_us = 0;
  std::string folder;  // of the cgroup that has it
  bool operator==(const CgroupCpuQuota&) const = default;
};
// The strictest; nothing when unlimited.
std::optional<CgroupCpuQuota> cgroup_cpu_quota(const std::string& root);
// Periods that have begun in the cgroup of that folder. It goes on counting only while the cgroup
// computes; 0 where it can't be read.
uint64_t cgroup_cpu_periods(const std::string& folder);

// How often a CPU quota has stopped us, since the cgroup was made: of the cgroup among ours and its
// ancestors that was stopped most. Zeros without a quota.
struct CgroupCpuUse {
  uint64_t periods = 0;
  uint64_t throttled_periods = 0;
  double throttled_seconds = 0;
};
CgroupCpuUse cgroup_cpu_use(const std::string& root);

// Seconds in which a task of our cgroup, or of the machine where that is not told, waited for
// memory (PSI, "some"; Documentation/accounting/psi.rst of the kernel). 0 where the kernel does not
// count.
double memory_pressure_seconds(const std::string& root);

}  // namespace samovar::sys
