#include "sys/cpu.h"

#include "sys/test_tree.h"

#include <array>

#include <doctest/doctest.h>

namespace samovar::sys {
namespace {

TEST_CASE("each level has one name") {
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kVnni}) {
    CHECK(isa_from_name(isa_name(isa)) == isa);
  }
  CHECK_FALSE(isa_from_name("AVX2").has_value());
}

TEST_CASE("a level may be lowered, never raised or made up") {
  CHECK(*choose_isa("") == detect_isa());
  CHECK(*choose_isa("scalar") == Isa::kScalar);
  const Result<Isa> unknown = choose_isa("sse9");
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.status().code() == Code::kInvalidArgument);
  CHECK(unknown.status().message().find("scalar, avx2, avx512 or vnni") != std::string_view::npos);
  if (detect_isa() == Isa::kVnni) return;
  const Result<Isa> above = choose_isa("vnni");
  REQUIRE_FALSE(above.ok());
  CHECK(above.status().message().find(isa_name(detect_isa())) != std::string_view::npos);
}

TEST_CASE("SMT siblings are one core, in new and old kernels' files") {
  const TestTree tree;
  const std::string folder = "/sys/devices/system/cpu/cpu";
  tree.write(folder + "0/topology/core_cpus_list", "0,2\n");
  tree.write(folder + "2/topology/core_cpus_list", "0,2\n");
  tree.write(folder + "1/topology/thread_siblings_list", "1,3\n");
  tree.write(folder + "3/topology/thread_siblings_list", "1,3\n");
  CHECK(physical_cores_of(std::array{0, 1, 2, 3}, tree.path()) == 2);
  CHECK(physical_cores_of(std::array{0, 2}, tree.path()) == 1);
  CHECK(physical_cores_of(std::array{0, 7, 8}, tree.path()) ==
        3);  // unknown ones count for themselves
}

TEST_CASE("this machine has cores and threads for them") {
  CHECK(physical_cores() >= 1);
  CHECK(default_threads() >= 1);
  CHECK(default_threads() <= physical_cores());
}

TEST_CASE("threads are the quota rounded down, and keep below a quota that they could use up") {
  const auto quota_of = [](double cores) { return CgroupCpuQuota{cores, 100'000, "/cgroup"}; };
  CHECK(cpu_share_of(4, std::nullopt) == CpuShare{4, std::nullopt});
  CHECK(cpu_share_of(4, quota_of(4.5)) == CpuShare{4, std::nullopt});
  CHECK(cpu_share_of(4, quota_of(4)) == CpuShare{4, quota_of(4)});
  CHECK(cpu_share_of(4, quota_of(2.5)) == CpuShare{2, quota_of(2.5)});
  CHECK(cpu_share_of(4, quota_of(1)) == CpuShare{1, quota_of(1)});
  CHECK(cpu_share_of(4, quota_of(0.5)) == CpuShare{1, quota_of(0.5)});
}

TEST_CASE("the model name comes from cpuinfo, or is unknown") {
  const TestTree tree;
  CHECK(cpu_model_name(tree.path()) == "unknown");
  tree.write("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Fast: 9000\nflags\t: fpu\n");
  CHECK(cpu_model_name(tree.path()) == "Fast: 9000");
}

}  // namespace
}  // namespace samovar::sys
