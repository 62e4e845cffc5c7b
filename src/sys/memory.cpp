// SPDX-License-Identifier: Apache-2.0
#include "sys/memory.h"

#include "base/checked.h"
#include "sys/cgroup.h"
#include "sys/proc_text.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <sys/resource.h>

namespace samovar::sys {
namespace {

// A field of /proc that counts kB; 0 when it is absent.
uint64_t field_bytes(std::string_view text, std::string_view name) {
  return checked_mul<uint64_t>(field_u64(text, name).value_or(0), 1024).value_or(0);
}

// What is free in zram devices and elsewhere. /proc/swaps: "Filename Type Size Used Priority", kB.
struct FreeSwap {
  uint64_t zram_bytes = 0, other_bytes = 0;
};
FreeSwap free_swap(const std::string& root) {
  FreeSwap free;
  const std::string text = read_small(root + "/proc/swaps");
  for (const std::string_view line : split(text, '\n')) {
    const auto cells = words(line);
    if (cells.size() != 5 || !cells[0].starts_with('/')) continue;
    const uint64_t size = parse_u64(cells[2]).value_or(0);
    const uint64_t left = size - std::min(size, parse_u64(cells[3]).value_or(0));
    (cells[0].starts_with("/dev/zram") ? free.zram_bytes : free.other_bytes) += left * 1024;
  }
  return free;
}

uint64_t swap_room(const MachineMemory& memory, const CgroupMemory& cgroup,
                   const std::string& root) {
  const FreeSwap free = free_swap(root);
  // A cgroup's limit is not charged with what zram takes; without one it is the same memory.
  const uint64_t outside = memory.available_bytes - memory.usable_bytes();
  const uint64_t room = free.other_bytes + std::min(free.zram_bytes, outside);
  return std::min(room, cgroup.swap_headroom_bytes.value_or(room));
}

}  // namespace

uint64_t MachineMemory::usable_bytes() const {
  return std::min(available_bytes, cgroup_headroom_bytes.value_or(available_bytes));
}

uint64_t MachineMemory::limit_bytes() const {
  return std::min(total_bytes, cgroup_limit_bytes.value_or(total_bytes));
}

MachineMemory machine_memory(const std::string& root) {
  const std::string text = read_small(root + "/proc/meminfo");
  const CgroupMemory cgroup = cgroup_memory(root);
  MachineMemory memory{.total_bytes = field_bytes(text, "MemTotal"),
                       .available_bytes = field_bytes(text, "MemAvailable"),
                       .swap_total_bytes = field_bytes(text, "SwapTotal"),
                       .swap_free_bytes = field_bytes(text, "SwapFree"),
                       .cgroup_limit_bytes = cgroup.limit_bytes,
                       .cgroup_used_bytes = cgroup.used_bytes,
                       .cgroup_headroom_bytes = cgroup.headroom_bytes};
  memory.swap_room_bytes = swap_room(memory, cgroup, root);
  return memory;
}

ProcessMemory process_memory(const std::string& root) {
  const std::string text = read_small(root + "/proc/self/status");
  struct rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return {.resident_bytes = field_bytes(text, "VmRSS"),
          .anonymous_bytes = field_bytes(text, "RssAnon"),
          .file_bytes = field_bytes(text, "RssFile"),
          .swapped_bytes = field_bytes(text, "VmSwap"),
          .peak_bytes = field_bytes(text, "VmHWM"),
          .major_faults = static_cast<uint64_t>(usage.ru_majflt)};
}

// mm_stat: orig_data_size, compr_data_size, mem_used_total, ... in bytes
// (Documentation/admin-guide/blockdev/zram.rst of the kernel).
ZramUse zram_use(const std::string& root) {
  constexpr size_t kStored = 0;
  constexpr size_t kMemory = 2;
  ZramUse use;
  std::error_code error;
  for (const auto& device : std::filesystem::directory_iterator(root + "/sys/block", error)) {
    if (!device.path().filename().string().starts_with("zram")) continue;
    const std::string text = read_small(device.path().string() + "/mm_stat");
    const auto numbers = split(text, ' ');
    if (numbers.size() <= kMemory) continue;
    use.stored_bytes += parse_u64(numbers[kStored]).value_or(0);
    use.memory_bytes += parse_u64(numbers[kMemory]).value_or(0);
  }
  return use;
}

}  // namespace samovar::sys
