// SPDX-License-Identifier: Apache-2.0
#include "sys/cgroup.h"

#include "sys/proc_text.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace samovar::sys {
namespace {

// v1 says "no limit" with a number near 2^63 that depends on the page size.
constexpr uint64_t kUnlimitedV1Bytes = uint64_t{1} << 62;

// The line of /proc/self/cgroup ("4:memory:/a/b"; v2: "0::/a/b") that belongs to `controller`, and
// where /proc/self/mountinfo says that hierarchy is mounted.
struct Hierarchy {
  std::string mount_point;
  std::string path;  // of our cgroup below mount_point, "" or "/a/b"
};

bool lists(std::string_view comma_separated, std::string_view word) {
  const std::vector<std::string_view> words = split(comma_separated, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<std::string> own_cgroup(const std::string& root, std::string_view controller) {
  const std::string text = read_small(root + "/proc/self/cgroup");
  for (const std::string_view line : split(text, '\n')) {
    const size_t first = line.find(':');
    const size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? controllers.empty() : lists(controllers, controller)) {
      return std::string(line.substr(second + 1));
    }
  }
  return std::nullopt;
}

// Where `cgroup` lies below a mount whose root is the cgroup `mount_root`. In a container without a
// cgroup namespace of its own, our path starts with the mount's root; a path above it can't be
// seen.
std::string path_below(std::string_view mount_root, std::string_view cgroup) {
  if (mount_root != "/" && cgroup.substr(0, mount_root.size()) == mount_root) {
    cgroup.remove_prefix(mount_root.size());
  }
  if (cgroup.substr(0, 1) != "/" || cgroup.substr(0, 4) == "/../") return "";
  return cgroup == "/" ? "" : std::string(cgroup);
}

// `controller` empty: the v2 hierarchy. mountinfo: "36 35 98:0 ROOT MOUNT_POINT OPTIONS [tags] -
// TYPE SOURCE SUPER_OPTIONS" (proc(5)).
std::optional<Hierarchy> find_hierarchy(const std::string& root, std::string_view controller) {
  const std::optional<std::string> cgroup = own_cgroup(root, controller);
  if (!cgroup) return std::nullopt;
  const std::string text = read_small(root + "/proc/self/mountinfo");
  for (const std::string_view line : split(text, '\n')) {
    const size_t dash = line.find(" - ");
    if (dash == line.npos) continue;
    const std::vector<std::string_view> mount = split(line.substr(0, dash), ' ');
    const std::vector<std::string_view> type = split(line.substr(dash + 3), ' ');
    if (mount.size() < 5 || type.size() < 3) continue;
    const bool matches = controller.empty() ? type[0] == "cgroup2"
                                            : type[0] == "cgroup" && lists(type[2], controller);
    if (!matches) continue;
    return Hierarchy{root + std::string(mount[4]), path_below(mount[3], *cgroup)};
  }
  return std::nullopt;
}

// The folders of our cgroup and its ancestors that can be seen, innermost first.
std::vector<std::string> ancestors(const Hierarchy& hierarchy) {
  std::vector<std::string> folders;
  std::string path = hierarchy.path;
  while (true) {
    folders.push_back(hierarchy.mount_point + path);
    const size_t slash = path.rfind('/');
    if (slash == path.npos) return folders;
    path.resize(slash);
  }
}

struct MemoryFiles {
  const char* limit;
  const char* used;
  const char* stat_prefix;  // v1 counts descendants only in the "total_" fields
};
constexpr MemoryFiles kMemoryV1 = {"/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_"};
constexpr MemoryFiles kMemoryV2 = {"/memory.max", "/memory.current", ""};

// v2 limits swap by itself, v1 memory and swap together.
std::optional<uint64_t> swap_headroom_in(const std::string& folder, bool is_v2) {
  const auto number = [&](const char* file) { return parse_u64(read_small(folder + file)); };
  const auto above = [](uint64_t a, uint64_t b) { return a - std::min(a, b); };
  const auto limit = number(is_v2 ? "/memory.swap.max" : "/memory.memsw.limit_in_bytes");
  if (!limit || *limit >= kUnlimitedV1Bytes) return std::nullopt;
  if (is_v2) return above(*limit, number("/memory.swap.current").value_or(0));
  const uint64_t swapped = above(number("/memory.memsw.usage_in_bytes").value_or(0),
                                 number("/memory.usage_in_bytes").value_or(0));
  return above(above(*limit, number("/memory.limit_in_bytes").value_or(0)), swapped);
}

void tighten_swap(CgroupMemory& memory, const std::string& folder, bool is_v2) {
  const auto headroom = swap_headroom_in(folder, is_v2);
  if (!headroom) return;
  memory.swap_headroom_bytes = std::min(*headroom, memory.swap_headroom_bytes.value_or(*headroom));
}

void tighten(CgroupMemory& memory, const std::string& folder, const MemoryFiles& files) {
  const std::optional<uint64_t> limit = parse_u64(read_small(folder + files.limit));
  if (!limit || *limit >= kUnlimitedV1Bytes) return;
  const std::optional<uint64_t> used = parse_u64(read_small(folder + files.used));
  if (!memory.limit_bytes || *limit < *memory.limit_bytes) {
    memory.limit_bytes = limit;
    memory.used_bytes = used;
  }
  const std::string stat = read_small(folder + "/memory.stat");
  const std::string prefix = files.stat_prefix;
  const uint64_t reclaimable = field_u64(stat, prefix + "active_file").value_or(0) +
                               field_u64(stat, prefix + "inactive_file").value_or(0);
  const uint64_t held = used.value_or(0) - std::min(used.value_or(0), reclaimable);
  const uint64_t headroom = *limit - std::min(*limit, held);
  memory.headroom_bytes = std::min(headroom, memory.headroom_bytes.value_or(headroom));
}

std::optional<CgroupCpuQuota> quota_in(const std::string& folder, bool is_v2) {
  std::string quota, period;
  if (is_v2) {
    const std::string text = read_small(folder + "/cpu.max");  // "max 100000" or "150000 100000"
    const std::vector<std::string_view> words = split(text, ' ');
    if (words.size() != 2) return std::nullopt;
    quota = words[0];
    period = words[1];
  } else {
    quota = read_small(folder + "/cpu.cfs_quota_us");  // -1: unlimited
    period = read_small(folder + "/cpu.cfs_period_us");
  }
  const std::optional<uint64_t> quota_us = parse_u64(quota);
  const std::optional<uint64_t> period_us = parse_u64(period);
  if (!quota_us || !period_us || *period_us == 0) return std::nullopt;
  return CgroupCpuQuota{static_cast<double>(*quota_us) / static_cast<double>(*period_us),
                        static_cast<int64_t>(*period_us), folder};
}

// v1 counts the time in nanoseconds, v2 in microseconds.
CgroupCpuUse cpu_use_in(const std::string& folder) {
  const std::string stat = read_small(folder + "/cpu.stat");
  const auto field = [&](const char* name) { return field_u64(stat, name).value_or(0); };
  return {field("nr_periods"), field("nr_throttled"),
          static_cast<double>(field("throttled_usec")) / 1e6 +
              static_cast<double>(field("throttled_time")) / 1e9};
}

}  // namespace

CgroupMemory cgroup_memory(const std::string& root) {
  CgroupMemory memory;
  // On a hybrid machine the controller is in one of the two hierarchies; the other has no such
  // files.
  if (const auto v1 = find_hierarchy(root, "memory")) {
    for (const std::string& folder : ancestors(*v1)) {
      tighten(memory, folder, kMemoryV1);
      tighten_swap(memory, folder, false);
    }
  }
  if (const auto v2 = find_hierarchy(root, "")) {
    for (const std::string& folder : ancestors(*v2)) {
      tighten(memory, folder, kMemoryV2);
      tighten_swap(memory, folder, true);
    }
  }
  return memory;
}

std::optional<CgroupCpuQuota> cgroup_cpu_quota(const std::string& root) {
  std::optional<CgroupCpuQuota> strictest;
  const auto tighten_quota = [&](std::string_view controller, bool is_v2) {
    const auto hierarchy = find_hierarchy(root, controller);
    if (!hierarchy) return;
    for (const std::string& folder : ancestors(*hierarchy)) {
      const std::optional<CgroupCpuQuota> quota = quota_in(folder, is_v2);
      if (quota && (!strictest || quota->cores < strictest->cores)) strictest = quota;
    }
  };
  tighten_quota("cpu", false);
  tighten_quota("", true);
  return strictest;
}

uint64_t cgroup_cpu_periods(const std::string& folder) {
  return cpu_use_in(folder).periods;
}

CgroupCpuUse cgroup_cpu_use(const std::string& root) {
  CgroupCpuUse most;
  for (const std::string_view controller : {"cpu", ""}) {
    const auto hierarchy = find_hierarchy(root, controller);
    if (!hierarchy) continue;
    for (const std::string& folder : ancestors(*hierarchy)) {
      const CgroupCpuUse use = cpu_use_in(folder);
      if (most.periods == 0 || use.throttled_periods > most.throttled_periods) most = use;
    }
  }
  return most;
}

double memory_pressure_seconds(const std::string& root) {
  std::string text;
  if (const auto v2 = find_hierarchy(root, "")) {
    text = read_small(ancestors(*v2).front() + "/memory.pressure");
  }
  if (text.empty()) text = read_small(root + "/proc/pressure/memory");
  for (const std::string_view line : split(text, '\n')) {
    const size_t total = line.find(" total=");
    if (!line.starts_with("some ") || total == line.npos) continue;
    const std::string_view digits = line.substr(total + std::string_view(" total=").size());
    return static_cast<double>(parse_u64(digits).value_or(0)) / 1e6;
  }
  return 0;
}

}  // namespace samovar::sys
