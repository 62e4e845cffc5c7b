#include "cli/changes.h"

#include "host/fake_machine.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

// A file, a step on top of it, a file on top of that.
host::Journal three_changes(const host::Machine& machine) {
  host::Journal journal = *host::Journal::open(machine);
  REQUIRE(*journal.apply(*host::make_file_change({"/etc/below", "ours"})));
  REQUIRE(*journal.apply(
      *host::make_step_change({.name = "step", .apply = {{"do"}}, .undo = {{"undo"}}})));
  REQUIRE(*journal.apply(*host::make_file_change({"/etc/above", "ours"})));
  return journal;
}

TEST_CASE("a file that somebody has edited does not keep the rest, and is said at the end") {
  host::FakeMachine fake;
  const host::Machine machine = fake.machine();
  host::Journal journal = three_changes(machine);
  fake.tree().write("/etc/above", "theirs");
  const Status status = undo_changes(journal, OnFailure::kStop);
  CHECK(status.code() == Code::kBusy);
  CHECK(std::string(status.message()).find("/etc/above: somebody has changed it since") !=
        std::string::npos);
  REQUIRE(journal.size() == 1);
  CHECK(journal.change(0).name() == "/etc/above");
  CHECK(!machine.exists("/etc/below"));
  CHECK(fake.files().at("/etc/above") == "theirs");
  REQUIRE(machine.remove("/etc/above").ok());
  CHECK(undo_changes(journal, OnFailure::kStop).ok());
  CHECK(journal.empty());
}

TEST_CASE("what fails keeps what it stands on, and says that --forget gives up on it") {
  host::FakeMachine fake;
  const host::Machine machine = fake.machine();
  host::Journal journal = three_changes(machine);
  fake.fail_on("undo");
  const Status status = undo_changes(journal, OnFailure::kStop);
  CHECK(status.code() == Code::kInternal);
  CHECK(std::string(status.message()).find("--forget") != std::string::npos);
  CHECK(journal.size() == 2);
  fake.fail_on("undo");
  CHECK(undo_changes(journal, OnFailure::kForget).message() == "");
  CHECK(journal.empty());
  CHECK(!machine.exists("/etc/below"));
  CHECK(!machine.exists("/var/lib/samovar-host"));
}

}  // namespace
}  // namespace samovar::cli
