#include "sys/cgroup.h"

#include "sys/test_tree.h"

#include <doctest/doctest.h>

namespace samovar::sys {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

double quota_cores(const TestTree& tree) {
  const std::optional<CgroupCpuQuota> quota = cgroup_cpu_quota(tree.path());
  return quota ? quota->cores : 0;
}

TEST_CASE("v2: the strictest ancestor limits memory and CPU") {
  const TestTree tree;
  tree.write("/proc/self/cgroup", "0::/kube/pod/box\n");
  tree.write("/proc/self/mountinfo",
             "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
  tree.write("/sys/fs/cgroup/kube/pod/box/memory.max", "max\n");
  tree.write("/sys/fs/cgroup/kube/pod/box/cpu.max", "max 100000\n");
  tree.write("/sys/fs/cgroup/kube/pod/memory.max", "536870912\n");
  tree.write("/sys/fs/cgroup/kube/pod/memory.current", "314572800\n");
  tree.write("/sys/fs/cgroup/kube/pod/memory.stat",
             "anon 104857600\nfile 209715200\ninactive_file 104857600\nactive_file 52428800\n");
  tree.write("/sys/fs/cgroup/kube/pod/cpu.max", "150000 100000\n");
  tree.write("/sys/fs/cgroup/kube/memory.max", "1073741824\n");
  tree.write("/sys/fs/cgroup/kube/memory.current", "1048576000\n");
  tree.write("/sys/fs/cgroup/kube/cpu.max", "400000 100000\n");

  const CgroupMemory memory = cgroup_memory(tree.path());
  CHECK(memory.limit_bytes == 512 * kMiB);
  CHECK(memory.used_bytes == 300 * kMiB);
  // kube: 1024 - 1000 = 24 MiB are left; pod: 512 - (300 - 150) = 362 MiB.
  CHECK(memory.headroom_bytes == 24 * kMiB);
  const std::string pod = tree.path() + "/sys/fs/cgroup/kube/pod";
  CHECK(cgroup_cpu_quota(tree.path()) == CgroupCpuQuota{1.5, 100'000, pod});
  CHECK(cgroup_cpu_periods(pod) == 0);
  tree.write("/sys/fs/cgroup/kube/pod/cpu.stat", "usage_usec 5\nnr_periods 77\n");
  CHECK(cgroup_cpu_periods(pod) == 77);
}

TEST_CASE("v1: limits of a container that sees the host's cgroup path") {
  const TestTree tree;
  tree.write("/proc/self/cgroup", "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/x\n");
  tree.write("/proc/self/mountinfo",
             "40 30 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
             "41 30 0:31 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n");
  tree.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "209715200\n");
  tree.write("/sys/fs/cgroup/memory/memory.usage_in_bytes", "104857600\n");
  tree.write("/sys/fs/cgroup/memory/memory.stat",
             "active_file 1\ntotal_active_file 10485760\ntotal_inactive_file 0\n");
  tree.write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
  tree.write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");

  const CgroupMemory memory = cgroup_memory(tree.path());
  CHECK(memory.limit_bytes == 200 * kMiB);
  CHECK(memory.used_bytes == 100 * kMiB);
  CHECK(memory.headroom_bytes == 110 * kMiB);
  CHECK(quota_cores(tree) == 0.5);
}

TEST_CASE("v1: what the kernel writes for no limit is no limit") {
  const TestTree tree;
  tree.write("/proc/self/cgroup", "4:memory:/\n1:cpu:/\n");
  tree.write("/proc/self/mountinfo",
             "36 31 0:33 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
             "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n");
  tree.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  tree.write("/sys/fs/cgroup/memory/memory.usage_in_bytes", "104857600\n");
  tree.write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  tree.write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(cgroup_memory(tree.path()).limit_bytes.has_value());
  CHECK_FALSE(cgroup_memory(tree.path()).headroom_bytes.has_value());
  CHECK_FALSE(cgroup_cpu_quota(tree.path()).has_value());
}

TEST_CASE("hybrid: memory in v1, CPU in v2") {
  const TestTree tree;
  tree.write("/proc/self/cgroup", "4:memory:/a\n0::/b\n");
  tree.write("/proc/self/mountinfo",
             "36 31 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
             "37 31 0:34 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  tree.write("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1048576\n");
  tree.write("/sys/fs/cgroup/unified/b/cpu.max", "200000 100000\n");
  CHECK(cgroup_memory(tree.path()).limit_bytes == kMiB);
  CHECK(quota_cores(tree) == 2.0);
}

TEST_CASE("files that are absent or nonsense mean no limit") {
  const TestTree tree;
  CHECK_FALSE(cgroup_memory(tree.path()).limit_bytes.has_value());
  tree.write("/proc/self/cgroup", "nonsense\n::\n0::/../up\n");
  tree.write("/proc/self/mountinfo", "\n - \n1 2 - x\n30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
  tree.write("/cg/cpu.max", "100000 0\n");
  tree.write("/cg/memory.max", "12x\n");
  CHECK_FALSE(cgroup_memory(tree.path()).limit_bytes.has_value());
  CHECK_FALSE(cgroup_cpu_quota(tree.path()).has_value());
}

TEST_CASE("throttling is that of the cgroup that was stopped most, in v1 and v2") {
  const TestTree v2;
  v2.write("/proc/self/cgroup", "0::/pod/box\n");
  v2.write("/proc/self/mountinfo",
           "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n");
  v2.write("/sys/fs/cgroup/pod/box/cpu.stat",
           "usage_usec 5\nnr_periods 100\nnr_throttled 0\nthrottled_usec 0\n");
  v2.write("/sys/fs/cgroup/pod/cpu.stat",
           "usage_usec 5\nnr_periods 80\nnr_throttled 20\nthrottled_usec 1500000\n");
  const CgroupCpuUse use = cgroup_cpu_use(v2.path());
  CHECK(use.periods == 80);
  CHECK(use.throttled_periods == 20);
  CHECK(use.throttled_seconds == 1.5);

  const TestTree v1;
  v1.write("/proc/self/cgroup", "4:cpu,cpuacct:/\n");
  v1.write("/proc/self/mountinfo",
           "41 30 0:31 / /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n");
  v1.write("/sys/fs/cgroup/cpu/cpu.stat",
           "nr_periods 10\nnr_throttled 3\nthrottled_time 250000000\n");
  CHECK(cgroup_cpu_use(v1.path()).throttled_seconds == 0.25);
  CHECK(cgroup_cpu_use(TestTree().path()).periods == 0);
}

TEST_CASE("pressure is that of our cgroup, else of the machine, else nothing") {
  const TestTree tree;
  CHECK(memory_pressure_seconds(tree.path()) == 0);
  tree.write("/proc/pressure/memory",
             "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\n"
             "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n");
  CHECK(memory_pressure_seconds(tree.path()) == 2.5);
  tree.write("/proc/self/cgroup", "0::/box\n");
  tree.write("/proc/self/mountinfo",
             "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n");
  tree.write("/sys/fs/cgroup/box/memory.pressure",
             "some avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n");
  CHECK(memory_pressure_seconds(tree.path()) == 0.5);
}

}  // namespace
}  // namespace samovar::sys
