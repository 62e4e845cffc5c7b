// What the CPU can do and how much of it is ours.
//
// `root` is put before /proc and /sys: tests give a made-up tree. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "sys/cgroup.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace samovar::sys {

// Instruction-set levels with a kernel set of their own, in ascending order.
enum class Isa { kScalar, kAvx2, kAvx512, kVnni };
std::string_view isa_name(Isa isa);  // "scalar", "avx2", "avx512", "vnni"
std::optional<Isa> isa_from_name(std::string_view name);

// The highest level that this CPU and kernel support (CPUID and XGETBV).
Isa detect_isa();
// `wanted` empty: detect_isa(). Otherwise that level; kInvalidArgument when the name is unknown
// (lists the names) or above what the machine has (names both).
Result<Isa> choose_isa(std::string_view wanted);

// From /proc/cpuinfo; "unknown" where it can't be read.
std::string cpu_model_name(const std::string& root = "");
// Cores in this process's affinity mask, SMT siblings counted once; >= 1.
int physical_cores();
// Cores behind the logical CPUs `cpus`, SMT siblings counted once.
int physical_cores_of(std::span<const int> cpus, const std::string& root = "");
// How to compute inside a CPU quota.
struct CpuShare {
  int n_threads = 1;  // physical cores, no more than the quota rounded down; >= 1
  // To keep below, so that the kernel need not hold the process; nothing where the cores can't use
  // it up.
  std::optional<CgroupCpuQuota> quota;
  bool operator==(const CpuShare&) const = default;
};
CpuShare cpu_share_of(int n_cores, std::optional<CgroupCpuQuota> quota);
// Of this process, as it is now.
CpuShare cpu_share();
int default_threads();  // those of cpu_share()

}  // namespace samovar::sys
