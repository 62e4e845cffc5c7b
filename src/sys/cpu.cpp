// SPDX-License-Identifier: Apache-2.0
#include "sys/cpu.h"

#include "sys/proc_text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sched.h>
#include <set>
#include <utility>
#include <vector>

namespace samovar::sys {
namespace {

constexpr std::array<std::string_view, 4> kIsaNames = {"scalar", "avx2", "avx512", "vnni"};

// The logical CPUs this process may run on; {0} where the kernel does not say.
std::vector<int> allowed_cpus() {
  for (int capacity = 1024; capacity <= 1 << 20; capacity *= 2) {  // CPUs
    cpu_set_t* set = CPU_ALLOC(capacity);
    if (set == nullptr) break;
    const size_t size_bytes = CPU_ALLOC_SIZE(capacity);
    const bool fits = sched_getaffinity(0, size_bytes, set) == 0;
    const int error = errno;
    std::vector<int> cpus;
    for (int cpu = 0; fits && cpu < capacity; ++cpu) {
      if (CPU_ISSET_S(static_cast<size_t>(cpu), size_bytes, set)) cpus.push_back(cpu);
    }
    CPU_FREE(set);
    if (fits) return cpus;
    if (error != EINVAL) break;  // EINVAL: the kernel's mask is longer
  }
  return {0};
}

}  // namespace

std::string_view isa_name(Isa isa) {
  return kIsaNames[static_cast<size_t>(isa)];
}

std::optional<Isa> isa_from_name(std::string_view name) {
  const auto* found = std::find(kIsaNames.begin(), kIsaNames.end(), name);
  if (found == kIsaNames.end()) return std::nullopt;
  return static_cast<Isa>(found - kIsaNames.begin());
}

Isa detect_isa() {
#if defined(__x86_64__)
  // The compiler's run-time check includes XGETBV: whether the kernel saves the wide registers.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") == 0 || __builtin_cpu_supports("fma") == 0 ||
      __builtin_cpu_supports("bmi2") == 0) {
    return Isa::kScalar;
  }
#if defined(SAMOVAR_SIMDE)
  return Isa::kVnni;  // the levels above avx2 are made of AVX2
#endif
  for (const bool supported :
       {__builtin_cpu_supports("avx512f") != 0, __builtin_cpu_supports("avx512bw") != 0,
        __builtin_cpu_supports("avx512cd") != 0, __builtin_cpu_supports("avx512dq") != 0,
        __builtin_cpu_supports("avx512vl") != 0}) {
    if (!supported) return Isa::kAvx2;
  }
  return __builtin_cpu_supports("avx512vnni") != 0 ? Isa::kVnni : Isa::kAvx512;
#else
  return Isa::kScalar;
#endif
}

Result<Isa> choose_isa(std::string_view wanted) {
  const Isa best = detect_isa();
  if (wanted.empty()) return best;
  const std::optional<Isa> isa = isa_from_name(wanted);
  if (!isa) {
    return invalid_argument("instruction set '" + std::string(wanted) +
                            "' is unknown; expected scalar, avx2, avx512 or vnni");
  }
  if (*isa > best) {
    return invalid_argument("instruction set '" + std::string(wanted) +
                            "' is above what this CPU has: " + std::string(isa_name(best)));
  }
  return *isa;
}

std::string cpu_model_name(const std::string& root) {
  const std::string text = read_small(root + "/proc/cpuinfo");
  for (const std::string_view line : split(text, '\n')) {
    const size_t colon = line.find(": ");
    if (colon != line.npos && line.substr(0, 10) == "model name") {
      return std::string(line.substr(colon + 2));
    }
  }
  return "unknown";
}

int physical_cores_of(std::span<const int> cpus, const std::string& root) {
  std::set<std::string> cores;  // each named by the list of its logical CPUs
  for (const int cpu : cpus) {
    const std::string number = std::to_string(cpu);
    const std::string folder = root + "/sys/devices/system/cpu/cpu" + number + "/topology/";
    std::string siblings = read_small(folder + "core_cpus_list");
    if (siblings.empty())
      siblings = read_small(folder + "thread_siblings_list");  // before Linux 5.3
    cores.insert(siblings.empty() ? number : siblings);
  }
  return std::max(1, static_cast<int>(cores.size()));
}

int physical_cores() {
  return physical_cores_of(allowed_cpus());
}

CpuShare cpu_share_of(int n_cores, std::optional<CgroupCpuQuota> quota) {
  if (!quota || quota->cores > n_cores) return {.n_threads = n_cores, .quota = {}};
  const int n_threads = std::max(1, static_cast<int>(quota->cores));
  return {.n_threads = n_threads, .quota = std::move(quota)};
}

CpuShare cpu_share() {
  return cpu_share_of(physical_cores(), cgroup_cpu_quota(""));
}

int default_threads() {
  return cpu_share().n_threads;
}

}  // namespace samovar::sys
