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
