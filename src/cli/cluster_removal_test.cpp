#include "cli/cluster_removal.h"

#include "host/fake_machine.h"
#include "host/journal.h"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

constexpr char kClusterFile[] = "/etc/of_cluster";
constexpr char kHostFile[] = "/etc/of_host";

// A machine that `host setup` and `cluster up` have changed, each by a step and a file.
class SetUpMachine : public host::FakeMachine {
 public:
  SetUpMachine() {
    std::filesystem::create_directories(tree().path() + "/run/systemd/system");
    change("host", host::Journal::kPath, kHostFile);
    change("cluster", host::Journal::kClusterPath, kClusterFile);
  }
  Status remove(const ClusterRemoval& removal) { return remove_cluster(machine(), removal); }
  bool has(const std::string& path) { return machine().exists(path); }

 private:
  void change(const std::string& name, const char* journal_path, const char* file) {
    const host::Machine machine = this->machine();
    auto journal = *host::Journal::open(machine, journal_path);
    REQUIRE(*journal.apply(*host::make_file_change({file, "ours"})));
    REQUIRE(*journal.apply(
        *host::make_step_change({.name = name, .apply = {}, .undo = {{"undo", name}}})));
  }
};

using Lines = std::vector<std::string>;

TEST_CASE("the cluster goes first, then the host, then the machine restarts if it should") {
  SetUpMachine plain;
  REQUIRE(plain.remove({}).message() == "");
  CHECK(plain.commands() == Lines{"undo cluster", "undo host"});
  CHECK(!plain.has("/var/lib/samovar-host"));

  SetUpMachine restarted;
  REQUIRE(restarted.remove({.reboot = true}).message() == "");
  CHECK(restarted.commands() == Lines{"undo cluster", "undo host", "systemctl reboot"});
  SetUpMachine by_init;
  std::filesystem::remove_all(by_init.tree().path() + "/run/systemd");
  REQUIRE(by_init.remove({.reboot = true}).ok());
  CHECK(by_init.commands().back() == "reboot");
}

TEST_CASE("the host stays set up where that is asked for") {
  SetUpMachine machine;
  REQUIRE(machine.remove({.keep_host = true}).message() == "");
  CHECK(machine.commands() == Lines{"undo cluster"});
  CHECK(machine.has(kHostFile));
  CHECK(!machine.has(kClusterFile));
}

TEST_CASE("an edited file keeps neither the host nor the rest, but the machine does not restart") {
  SetUpMachine machine;
  machine.tree().write(kClusterFile, "theirs");
  CHECK(machine.remove({.reboot = true}).code() == Code::kBusy);
  CHECK(machine.commands() == Lines{"undo cluster", "undo host"});
  CHECK(!machine.has(kHostFile));
  CHECK(machine.files().at(kClusterFile) == "theirs");
}

TEST_CASE("a step that fails stops before the host, and is given up on with --forget") {
  SetUpMachine machine;
  machine.fail_on("undo cluster");
  CHECK(machine.remove({.reboot = true}).code() == Code::kInternal);
  CHECK(machine.commands() == Lines{"undo cluster"});
  CHECK(machine.has(kHostFile));
  machine.fail_on("undo cluster");
  CHECK(machine.remove({.forget = true}).message() == "");
  CHECK(!machine.has(kHostFile));
  CHECK(!machine.has("/var/lib/samovar-host"));
}

}  // namespace
}  // namespace samovar::cli
