// Memory facts of the machine, the cgroup and this process.
//
// `root` is put before /proc and /sys: tests give a made-up tree. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace samovar::sys {

struct MachineMemory {
  uint64_t total_bytes = 0;      // MemTotal
  uint64_t available_bytes = 0;  // MemAvailable
  uint64_t swap_total_bytes = 0;
  uint64_t swap_free_bytes = 0;
  std::optional<uint64_t> cgroup_limit_bytes =
      std::nullopt;  // v1 or v2, the strictest of this cgroup's ancestors
  std::optional<uint64_t> cgroup_used_bytes = std::nullopt;  // of the cgroup with that limit
  // limit - used + reclaimable (file pages), the least of this cgroup's ancestors.
  std::optional<uint64_t> cgroup_headroom_bytes = std::nullopt;
  // Incompressible anonymous memory, such as a KV cache, that may go to swap beyond usable_bytes():
  // what is free there, as far as the cgroup may have it. zram takes as much memory as it makes
  // room, so it counts only inside a cgroup's limit, which is not charged for it.
  uint64_t swap_room_bytes = 0;
  // min(available, headroom) as seen now.
  uint64_t usable_bytes() const;
  // What this process may have at most: the cgroup's limit, or all that there is.
  uint64_t limit_bytes() const;
};
MachineMemory machine_memory(const std::string& root = "");

struct ProcessMemory {
  uint64_t resident_bytes = 0;   // VmRSS
  uint64_t anonymous_bytes = 0;  // RssAnon
  uint64_t file_bytes = 0;       // RssFile
  uint64_t swapped_bytes = 0;    // VmSwap
  uint64_t peak_bytes = 0;       // VmHWM
  uint64_t major_faults = 0;     // since start
};
ProcessMemory process_memory(const std::string& root = "");

// All zram devices together: what went in, and the memory it takes compressed.
struct ZramUse {
  uint64_t stored_bytes = 0;
  uint64_t memory_bytes = 0;
};
ZramUse zram_use(const std::string& root = "");

}  // namespace samovar::sys
