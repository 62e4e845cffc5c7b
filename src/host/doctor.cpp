#include "host/doctor.h"

#include "sys/cgroup.h"
#include "sys/cpu.h"
#include "sys/memory.h"
#include "sys/proc_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::host {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kSmallMachineBytes = uint64_t{8} << 30;  // where swap in memory helps most

uint64_t mib(uint64_t bytes) {
  return bytes / kMiB;
}

Finding cpu(const std::string& root) {
  const sys::Isa best = sys::detect_isa();
  const std::string found =
      fmt::format("{}, level {}", sys::cpu_model_name(root), sys::isa_name(best));
  if (best > sys::Isa::kScalar) return {"CPU", Grade::kGood, found, ""};
  return {"CPU", Grade::kAdvice, found,
          "without AVX2 models run at a tenth of the speed: in a virtual machine give it the "
          "host's CPU type"};
}

Finding cores(const std::string& root) {
  const int n_cores = sys::physical_cores();
  const auto quota = sys::cgroup_cpu_quota(root);
  if (!quota) {
    return {"cores", Grade::kGood,
            fmt::format("{} physical, no quota, {} threads", n_cores, sys::default_threads()), ""};
  }
  const std::string found = fmt::format("{} physical, a quota of {:.2f}, {} threads", n_cores,
                                        quota->cores, sys::default_threads());
  if (quota->cores < 1) {
    return {"cores", Grade::kWrong, found,
            "less than one core: raise the CPU limit (resources.limits.cpu, docker run --cpus)"};
  }
  const sys::CgroupCpuUse use = sys::cgroup_cpu_use(root);
  constexpr uint64_t kTelling = 100;  // periods, 10 s
  if (use.periods >= kTelling && use.throttled_periods * 20 > use.periods) {
    return {"cores", Grade::kAdvice,
            fmt::format("{}; stopped in {} % of the periods", found,
                        100 * use.throttled_periods / use.periods),
            "the quota is used up by more threads than it has cores: leave --threads at 0"};
  }
  return {"cores", Grade::kGood, found, ""};
}

Finding memory(const sys::MachineMemory& facts) {
  constexpr uint64_t kLeast = 256 * kMiB;  // what the smallest model of the catalog takes
  std::string found = fmt::format("{} MiB, {} MiB of them usable", mib(facts.total_bytes),
                                  mib(facts.usable_bytes()));
  if (facts.usable_bytes() >= kLeast) return {"memory", Grade::kGood, std::move(found), ""};
  return {"memory", Grade::kWrong, std::move(found),
          "no model fits: end other programs, or raise the limit of this container"};
}

Finding cgroup(const sys::MachineMemory& facts, const std::string& root) {
  if (!facts.cgroup_limit_bytes) return {"cgroup", Grade::kGood, "no memory limit", ""};
  std::string found = fmt::format("limit {} MiB, {} MiB used", mib(*facts.cgroup_limit_bytes),
                                  mib(facts.cgroup_used_bytes.value_or(0)));
  const bool may_swap = sys::cgroup_memory(root).swap_headroom_bytes != uint64_t{0};
  if (may_swap || facts.swap_free_bytes == 0) return {"cgroup", Grade::kGood, std::move(found), ""};
  return {
      "cgroup", Grade::kAdvice, std::move(found) + ", none of it may go to swap",
      "swap would take pages of the KV cache beyond the limit: a memory request below the limit "
      "(Kubernetes with LimitedSwap), --memory-swap above --memory (docker)"};
}

Finding swap(const sys::MachineMemory& facts, const std::string& root) {
  const std::string text = sys::read_small(root + "/proc/swaps");
  const bool has_zram = text.find("/dev/zram") != std::string::npos;
  const uint64_t used =
      facts.swap_total_bytes - std::min(facts.swap_total_bytes, facts.swap_free_bytes);
  const std::string found =
      facts.swap_total_bytes == 0
          ? "none"
          : fmt::format("{} MiB, {} MiB used", mib(facts.swap_total_bytes), mib(used));
  if (facts.swap_total_bytes == 0 && facts.total_bytes <= kSmallMachineBytes) {
    return {"swap", Grade::kAdvice, found,
            "compressed swap takes what other programs hold and do not use: samovar host setup"};
  }
  constexpr uint64_t kTelling = 64 * kMiB;
  if (!has_zram && used > kTelling) {
    return {"swap", Grade::kAdvice, found,
            "memory is swapped to a disk, which is slow: samovar host setup puts it into zram"};
  }
  return {"swap", Grade::kGood, found, ""};
}

Finding zram(const std::string& root) {
  const sys::ZramUse use = sys::zram_use(root);
  if (use.memory_bytes == 0) return {"zram", Grade::kGood, "nothing in it", ""};
  return {
      "zram", Grade::kGood,
      fmt::format("{} MiB in {} MiB, {:.1f} to 1", mib(use.stored_bytes), mib(use.memory_bytes),
                  static_cast<double>(use.stored_bytes) / static_cast<double>(use.memory_bytes)),
      ""};
}

// "always [madvise] never" -> "madvise".
std::string chosen(const std::string& text) {
  const size_t open = text.find('['), close = text.find(']');
  return open < close && close != text.npos ? text.substr(open + 1, close - open - 1) : "unknown";
}

// Good in each mode: models gain nothing by them (docs/performance.md), and ask for none.
Finding huge_pages(const std::string& root) {
  const std::string mode =
      chosen(sys::read_small(root + "/sys/kernel/mm/transparent_hugepage/enabled"));
  return {"huge pages", Grade::kGood, mode, ""};
}

Finding governor(const std::string& root) {
  const std::string folder = root + "/sys/devices/system/cpu/cpu0/cpufreq";
  const std::string governor = sys::read_small(folder + "/scaling_governor");
  const std::string driver = sys::read_small(folder + "/scaling_driver");
  if (governor.empty()) return {"governor", Grade::kGood, "not told (a virtual machine?)", ""};
  // The "powersave" of drivers that choose by themselves is as quick as any.
  const bool is_slow = governor == "powersave" && !driver.starts_with("intel_pstate") &&
                       !driver.starts_with("amd-pstate");
  if (!is_slow) return {"governor", Grade::kGood, governor, ""};
  return {"governor", Grade::kAdvice, governor,
          "the CPU keeps to its lowest clock: cpupower frequency-set -g performance"};
}

}  // namespace

std::string_view grade_name(Grade grade) {
  switch (grade) {
    case Grade::kGood:
      return "good";
    case Grade::kAdvice:
      return "advice";
    case Grade::kWrong:
      break;
  }
  return "wrong";
}

std::vector<Finding> examine_machine(const std::string& root) {
  const sys::MachineMemory facts = sys::machine_memory(root);
  return {cpu(root),         cores(root), memory(facts),    cgroup(facts, root),
          swap(facts, root), zram(root),  huge_pages(root), governor(root)};
}

Finding examine_page_cache(const std::string& name, uint64_t size_bytes, uint64_t resident_bytes) {
  return {fmt::format("page cache of {}", name), Grade::kGood,
          fmt::format("{} of {} MiB: {}", mib(resident_bytes), mib(size_bytes),
                      resident_bytes >= size_bytes ? "the next start is warm"
                                                   : "the next start reads the rest from the disk"),
          ""};
}

}  // namespace samovar::host
