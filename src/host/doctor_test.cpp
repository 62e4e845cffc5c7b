#include "host/doctor.h"

#include "sys/test_tree.h"

#include <doctest/doctest.h>

namespace samovar::host {
namespace {

class Box {
 public:
  Box() { meminfo(7'900'000, 6'000'000, 0, 0); }
  void meminfo(int total, int available, int swap, int swap_free) const {
    tree_.write("/proc/meminfo", "MemTotal: " + std::to_string(total) +
                                     " kB\nMemAvailable: " + std::to_string(available) +
                                     " kB\nSwapTotal: " + std::to_string(swap) +
                                     " kB\nSwapFree: " + std::to_string(swap_free) + " kB\n");
  }
  void write(const std::string& name, std::string_view text) const { tree_.write(name, text); }
  Finding finding(std::string_view subject) const {
    for (Finding& found : examine_machine(tree_.path())) {
      if (found.subject == subject) return std::move(found);
    }
    FAIL("no such finding: " << subject);
    return {};
  }

 private:
  const sys::TestTree tree_;
};

constexpr char kZram[] =
    "Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition 2000000 0 100\n";
constexpr char kDisk[] = "Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition 2000000 0 -2\n";

TEST_CASE("a small machine without swap is told how to get some") {
  const Box box;
  CHECK(box.finding("swap").grade == Grade::kAdvice);
  CHECK(box.finding("swap").advice.find("samovar host setup") != std::string::npos);
  box.meminfo(64'000'000, 60'000'000, 0, 0);
  CHECK(box.finding("swap").grade == Grade::kGood);
}

TEST_CASE("swapping to a disk is advised against, to zram it is fine") {
  const Box box;
  box.meminfo(7'900'000, 6'000'000, 2'000'000, 1'000'000);
  box.write("/proc/swaps", kDisk);
  CHECK(box.finding("swap").grade == Grade::kAdvice);
  box.write("/proc/swaps", kZram);
  CHECK(box.finding("swap").grade == Grade::kGood);
  CHECK(box.finding("swap").found == "1953 MiB, 976 MiB used");
  box.write("/sys/block/zram0/mm_stat", "209715200 1 104857600 0 1 0\n");
  CHECK(box.finding("zram").found == "200 MiB in 100 MiB, 2.0 to 1");
}

TEST_CASE("memory for no model at all is wrong") {
  const Box box;
  CHECK(box.finding("memory").grade == Grade::kGood);
  box.write("/proc/self/cgroup", "0::/box\n");
  box.write("/proc/self/mountinfo", "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
  box.write("/cg/box/memory.max", "134217728\n");
  box.write("/cg/box/memory.current", "1048576\n");
  CHECK(box.finding("memory").grade == Grade::kWrong);
  CHECK(box.finding("cgroup").found == "limit 128 MiB, 1 MiB used");
}

TEST_CASE("a limit that keeps memory out of a swap that is there is advised against") {
  const Box box;
  box.write("/proc/self/cgroup", "0::/box\n");
  box.write("/proc/self/mountinfo", "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
  box.write("/cg/box/memory.max", "2147483648\n");
  box.write("/cg/box/memory.current", "1048576\n");
  box.write("/cg/box/memory.swap.max", "0\n");
  CHECK(box.finding("cgroup").grade == Grade::kGood);
  box.meminfo(7'900'000, 6'000'000, 2'000'000, 2'000'000);
  CHECK(box.finding("cgroup").grade == Grade::kAdvice);
  CHECK(box.finding("cgroup").found == "limit 2048 MiB, 1 MiB used, none of it may go to swap");
  box.write("/cg/box/memory.swap.max", "1073741824\n");
  box.write("/cg/box/memory.swap.current", "0\n");
  CHECK(box.finding("cgroup").grade == Grade::kGood);
}

TEST_CASE("less than a core is wrong, being stopped often is told") {
  const Box box;
  box.write("/proc/self/cgroup", "0::/box\n");
  box.write("/proc/self/mountinfo", "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
  box.write("/cg/box/cpu.max", "50000 100000\n");
  CHECK(box.finding("cores").grade == Grade::kWrong);
  box.write("/cg/box/cpu.max", "200000 100000\n");
  CHECK(box.finding("cores").grade == Grade::kGood);
  box.write("/cg/box/cpu.stat", "nr_periods 1000\nnr_throttled 51\nthrottled_usec 5\n");
  CHECK(box.finding("cores").grade == Grade::kAdvice);
}

TEST_CASE("a governor that holds the clock down is named, one that only sounds so is not") {
  const Box box;
  CHECK(box.finding("governor").grade == Grade::kGood);
  const std::string folder = "/sys/devices/system/cpu/cpu0/cpufreq/";
  box.write(folder + "scaling_governor", "powersave\n");
  box.write(folder + "scaling_driver", "acpi-cpufreq\n");
  CHECK(box.finding("governor").grade == Grade::kAdvice);
  box.write(folder + "scaling_driver", "intel_pstate\n");
  CHECK(box.finding("governor").grade == Grade::kGood);
}

TEST_CASE("the mode of huge pages is the word in brackets") {
  const Box box;
  CHECK(box.finding("huge pages").found == "unknown");
  box.write("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  CHECK(box.finding("huge pages").found == "madvise");
}

TEST_CASE("a folder of models that is not there yet has the room of its parent") {
  const sys::TestTree tree;
  const auto findings = examine_disk(tree.path() + "/not/yet", "");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].found.find("GB free") != std::string::npos);
}

TEST_CASE("a file that can't be read is wrong, one that can has a speed") {
  const sys::TestTree tree;
  CHECK(examine_disk(tree.path(), tree.path() + "/none").back().grade == Grade::kWrong);
  const std::string file = tree.write("/file", std::string(1 << 20, 'x'));
  const Finding found = examine_disk(tree.path(), file).back();
  CHECK(found.subject == "disk speed");
  CHECK(found.grade != Grade::kWrong);
}

}  // namespace
}  // namespace samovar::host
