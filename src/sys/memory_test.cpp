#include "sys/memory.h"

#include "sys/test_tree.h"

#include <doctest/doctest.h>

namespace samovar::sys {
namespace {

TEST_CASE("machine memory is read from meminfo, in bytes") {
  const TestTree tree;
  tree.write("/proc/meminfo",
             "MemTotal:        8000 kB\nMemFree:   1 kB\nMemAvailable:    6000 kB\n"
             "SwapCached:  0 kB\nSwapTotal:       100 kB\nSwapFree:         40 kB\n");
  const MachineMemory memory = machine_memory(tree.path());
  CHECK(memory.total_bytes == 8000 * 1024);
  CHECK(memory.swap_total_bytes == 100 * 1024);
  CHECK(memory.swap_free_bytes == 40 * 1024);
  CHECK_FALSE(memory.cgroup_limit_bytes.has_value());
  CHECK(memory.usable_bytes() == 6000 * 1024);
}

TEST_CASE("the cgroup's headroom limits what is usable") {
  CHECK(MachineMemory{.available_bytes = 900, .cgroup_headroom_bytes = 300}.usable_bytes() == 300);
  CHECK(MachineMemory{.available_bytes = 200, .cgroup_headroom_bytes = 300}.usable_bytes() == 200);
}

std::string meminfo(uint64_t available_kb) {
  return "MemTotal: 9000 kB\nMemAvailable: " + std::to_string(available_kb) + " kB\n";
}

TEST_CASE("swap on a disk makes room, zram of the same memory does not") {
  const TestTree tree;
  tree.write("/proc/meminfo", meminfo(6000));
  tree.write("/proc/swaps",
             "Filename\tType\t\tSize\tUsed\tPriority\n"
             "/dev/zram0 partition 1300 0 100\n/swapfile file 500 400 -2\n");
  CHECK(machine_memory(tree.path()).swap_room_bytes == 100 * 1024);
  tree.write("/proc/swaps", "Filename\tType\t\tSize\tUsed\tPriority\n");
  CHECK(machine_memory(tree.path()).swap_room_bytes == 0);
}

TEST_CASE("a cgroup is not charged for zram, but may be kept from it") {
  const TestTree tree;
  tree.write("/proc/meminfo", meminfo(6000));
  tree.write("/proc/swaps",
             "Filename\tType\t\tSize\tUsed\tPriority\n/dev/zram0 partition 1300 0 100\n");
  tree.write("/proc/self/cgroup", "0::/box\n");
  tree.write("/proc/self/mountinfo", "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
  tree.write("/cg/box/memory.max", "1024000\n");
  tree.write("/cg/box/memory.current", "0\n");
  CHECK(machine_memory(tree.path()).usable_bytes() == 1000 * 1024);
  CHECK(machine_memory(tree.path()).swap_room_bytes == 1300 * 1024);
  tree.write("/cg/box/memory.swap.max", "204800\n");
  tree.write("/cg/box/memory.swap.current", "102400\n");
  CHECK(machine_memory(tree.path()).swap_room_bytes == 100 * 1024);
}

TEST_CASE("v1 limits memory and swap together") {
  const TestTree tree;
  tree.write("/proc/meminfo", meminfo(6000));
  tree.write("/proc/swaps", "Filename\tType\t\tSize\tUsed\tPriority\n/swapfile file 5000 0 -2\n");
  tree.write("/proc/self/cgroup", "4:memory:/a\n");
  tree.write("/proc/self/mountinfo", "36 31 0:33 / /cg rw - cgroup cgroup rw,memory\n");
  tree.write("/cg/a/memory.limit_in_bytes", "1024000\n");
  tree.write("/cg/a/memory.usage_in_bytes", "512000\n");
  tree.write("/cg/a/memory.memsw.limit_in_bytes", "2048000\n");
  tree.write("/cg/a/memory.memsw.usage_in_bytes", "614400\n");
  CHECK(machine_memory(tree.path()).swap_room_bytes == 900 * 1024);
}

TEST_CASE("this process has resident memory") {
  const ProcessMemory memory = process_memory();
  CHECK(memory.resident_bytes > 0);
  CHECK(memory.anonymous_bytes > 0);
  CHECK(memory.peak_bytes >= memory.anonymous_bytes);
}

TEST_CASE("what lies in zram is the sum over its devices") {
  const TestTree tree;
  CHECK(zram_use(tree.path()).stored_bytes == 0);
  tree.write("/sys/block/zram0/mm_stat", "   40960    11000   16384        0    20480        0\n");
  tree.write("/sys/block/zram1/mm_stat", "4096 100 4096 0 4096 0\n");
  tree.write("/sys/block/sda/stat", "1 2 3\n");
  CHECK(zram_use(tree.path()).stored_bytes == 45056);
  CHECK(zram_use(tree.path()).memory_bytes == 20480);
}

}  // namespace
}  // namespace samovar::sys
