#include "host/fake_machine.h"
#include "host/journal.h"
#include "host/services.h"
#include "host/setup.h"
#include "json/json.h"

#include <filesystem>

#include <doctest/doctest.h>

namespace samovar::host {
namespace {

namespace fs = std::filesystem;

SetupWishes wishes() {
  SetupWishes wishes;
  wishes.program = "/usr/local/bin/samovar";
  return wishes;
}

Status set_up(const Machine& machine, const SetupWishes& wishes) {
  SAMOVAR_ASSIGN(const HostFacts facts, read_facts(machine));
  SAMOVAR_ASSIGN(const auto changes, setup_changes(facts, wishes));
  SAMOVAR_ASSIGN(Journal journal, Journal::open(machine));
  for (const auto& change : changes) SAMOVAR_TRY(journal.apply(*change).status());
  return {};
}

Status take_back(const Machine& machine) {
  SAMOVAR_ASSIGN(Journal journal, Journal::open(machine));
  for (size_t i = journal.size(); i-- > 0;) SAMOVAR_TRY(journal.undo(i));
  return {};
}

TEST_CASE("setup on systemd does what the how-to does, and undo leaves every byte as it was") {
  FakeMachine fake;
  fs::create_directories(fake.tree().path() + "/run/systemd/system");
  const auto before = fake.files();
  const Machine machine = fake.machine();
  REQUIRE(set_up(machine, wishes()).message() == "");
  CHECK(fake.commands() == std::vector<std::string>{
                               "systemctl mask dev-sda2.swap", "swapoff /dev/sda2",
                               "systemctl daemon-reload", "modprobe zram",
                               "systemctl daemon-reload", "systemctl enable samovar-zram.service",
                               "systemctl restart samovar-zram.service", "modprobe br_netfilter"});
  const auto after = fake.files();
  CHECK(after.at("/etc/fstab").find("# samovar host: /dev/sda2") != std::string::npos);
  CHECK(after.at("/etc/hosts") == "127.0.0.1 localhost\n127.0.0.1 localhost tablet\n");
  CHECK(after.at("/etc/sysctl.d/99-samovar-kubernetes.conf") ==
        "net.bridge.bridge-nf-call-iptables = 1\nnet.ipv4.ip_forward = 1\n"
        "net.bridge.bridge-nf-call-ip6tables = 1\n");
  CHECK(after.at("/etc/modules-load.d/samovar.conf") == "zram\nbr_netfilter\n");
  CHECK(after.at("/etc/systemd/system/samovar-zram.service")
            .find("--size 8192000000 --algorithm lzo-rle") != std::string::npos);
  CHECK(*sys::read_file(fake.tree().path() + "/proc/sys/net/ipv4/ip_forward", 100) == "1\n");

  REQUIRE(take_back(machine).message() == "");
  CHECK(difference(before, fake.files()) == "");
  CHECK(*sys::read_file(fake.tree().path() + "/proc/sys/net/ipv4/ip_forward", 100) == "0\n");
  CHECK(!machine.exists("/sys/class/zram-control"));
}

TEST_CASE("a second setup changes nothing") {
  FakeMachine fake;
  fs::create_directories(fake.tree().path() + "/run/systemd/system");
  const Machine machine = fake.machine();
  REQUIRE(set_up(machine, wishes()).ok());
  const auto files = fake.files();
  const size_t n_commands = fake.commands().size();
  REQUIRE(set_up(machine, wishes()).ok());
  CHECK(difference(files, fake.files()) == "");
  CHECK(fake.commands().size() == n_commands);
}

TEST_CASE("a service that has stopped is started again, one whose command has changed too") {
  FakeMachine fake;
  fs::create_directories(fake.tree().path() + "/run/systemd/system");
  const auto before = fake.files();
  const Machine machine = fake.machine();
  REQUIRE(set_up(machine, wishes()).ok());
  size_t n_before = fake.commands().size();
  const auto since = [&] {
    return std::vector<std::string>(fake.commands().begin() + static_cast<std::ptrdiff_t>(n_before),
                                    fake.commands().end());
  };
  fs::remove(fake.tree().path() + kZramMark);
  REQUIRE(set_up(machine, wishes()).ok());
  CHECK(since() == std::vector<std::string>{"systemctl restart samovar-zram.service"});

  n_before = fake.commands().size();
  SetupWishes other = wishes();
  other.zram_bytes = 1 << 30;
  REQUIRE(set_up(machine, other).ok());
  CHECK(since() == std::vector<std::string>{"systemctl daemon-reload",
                                            "systemctl restart samovar-zram.service"});
  REQUIRE(take_back(machine).message() == "");
  CHECK(difference(before, fake.files()) == "");
}

TEST_CASE("a server that has stopped is no longer so, and is started again") {
  FakeMachine fake;
  fs::create_directories(fake.tree().path() + "/run/systemd/system");
  const Machine machine = fake.machine();
  SetupWishes serving = wishes();
  serving.serve = "smollm2:135m";
  REQUIRE(set_up(machine, serving).message() == "");
  Journal journal = *Journal::open(machine);
  const Change& start = journal.change(journal.size() - 1);
  REQUIRE(start.name() == "start-samovar");
  CHECK(*start.holds(machine));
  REQUIRE(machine.run({"systemctl", "stop", "samovar.service"}).ok());
  CHECK_FALSE(*start.holds(machine));
  const size_t n_before = fake.commands().size();
  REQUIRE(set_up(machine, serving).ok());
  REQUIRE(fake.commands().size() == n_before + 1);
  CHECK(fake.commands().back() == "systemctl restart samovar.service");
}

TEST_CASE("every command may fail once: a second run goes on, and undo still restores everything") {
  for (const std::string failing :
       {"systemctl mask", "swapoff", "modprobe zram", "systemctl daemon-reload", "systemctl enable",
        "systemctl restart", "modprobe br_netfilter"}) {
    CAPTURE(failing);
    FakeMachine fake;
    fs::create_directories(fake.tree().path() + "/run/systemd/system");
    const auto before = fake.files();
    const Machine machine = fake.machine();
    fake.fail_on(failing);
    CHECK(set_up(machine, wishes()).code() == Code::kInternal);
    CHECK(set_up(machine, wishes()).message() == "");
    CHECK(take_back(machine).message() == "");
    CHECK(difference(before, fake.files()) == "");
  }
}

TEST_CASE("undo after a setup that stopped in the middle restores what was changed") {
  FakeMachine fake;
  fs::create_directories(fake.tree().path() + "/run/systemd/system");
  const auto before = fake.files();
  const Machine machine = fake.machine();
  fake.fail_on("systemctl enable");
  CHECK(!set_up(machine, wishes()).ok());
  CHECK(take_back(machine).message() == "");
  CHECK(difference(before, fake.files()) == "");
}

TEST_CASE("without a service manager the device is made at once and fstab loses its swap") {
  FakeMachine fake;
  const auto before = fake.files();
  const Machine machine = fake.machine();
  REQUIRE(set_up(machine, wishes()).message() == "");
  CHECK(fake.files().at("/etc/fstab") ==
        "/dev/sda1 / ext4 defaults 0 1\n# samovar host: /dev/sda2\tnone\tswap\tsw 0 0\n");
  CHECK(fake.commands() == std::vector<std::string>{"swapoff /dev/sda2", "modprobe zram",
                                                    "mkswap /dev/zram1", "swapon -p 100 /dev/zram1",
                                                    "modprobe br_netfilter"});
  CHECK(*sys::read_file(fake.tree().path() + "/sys/block/zram1/disksize", 100) == "8192000000");
  REQUIRE(take_back(machine).message() == "");
  CHECK(difference(before, fake.files()) == "");
}

TEST_CASE("without a service manager a device of another size or algorithm is made anew") {
  FakeMachine fake;
  const auto before = fake.files();
  const Machine machine = fake.machine();
  SetupWishes first = wishes();
  first.zram_bytes = 4096000001;  // which the kernel rounds up to a page
  REQUIRE(set_up(machine, first).ok());
  fake.tree().write("/sys/block/zram1/disksize", "4096004096\n");
  fake.tree().write("/sys/block/zram1/comp_algorithm", "lzo [lzo-rle] lz4\n");
  size_t n_before = fake.commands().size();
  REQUIRE(set_up(machine, first).ok());
  CHECK(fake.commands().size() == n_before);

  SetupWishes other = first;
  other.zram_bytes = 8192000000;
  REQUIRE(set_up(machine, other).ok());
  CHECK(std::vector<std::string>(fake.commands().begin() + static_cast<std::ptrdiff_t>(n_before),
                                 fake.commands().end()) ==
        std::vector<std::string>{"mkswap /dev/zram1", "swapon -p 100 /dev/zram1"});
  fake.tree().write("/sys/block/zram1/comp_algorithm", "lzo lzo-rle [lz4]\n");
  n_before = fake.commands().size();
  REQUIRE(set_up(machine, other).ok());
  CHECK(fake.commands().size() == n_before + 2);
  REQUIRE(take_back(machine).message() == "");
  CHECK(difference(before, fake.files()) == "");
}

TEST_CASE("a swap unit that the machine's owner has written is refused, not masked") {
  FakeMachine fake;
  fs::create_directories(fake.tree().path() + "/run/systemd/system");
  const std::string unit = "/etc/systemd/system/dev-sda2.swap";
  fake.tree().write(unit, "[Swap]\nWhat=/dev/sda2\n");
  CHECK(set_up(fake.machine(), wishes()).message() ==
        unit +
            ": a swap unit of this machine's own: turn it off (systemctl disable --now "
            "dev-sda2.swap), or leave swap as it is with --no-zram");
  CHECK(fake.commands().empty());
  SetupWishes without = wishes();
  without.zram = false;
  CHECK(set_up(fake.machine(), without).message() == "");
}

TEST_CASE("a service pulls its model, and is refused what it could not read") {
  FakeMachine fake;
  fs::create_directories(fake.tree().path() + "/run/systemd/system");
  SetupWishes serving = wishes();
  serving.serve = "smollm2:135m";
  REQUIRE(set_up(fake.machine(), serving).message() == "");
  const std::string path = "/etc/systemd/system/samovar.service";
  const std::string unit = fake.files().at(path);
  CHECK(unit.find("ExecStart=/usr/local/bin/samovar serve --pull smollm2:135m\n") !=
        std::string::npos);
  CHECK(unit.find("After=network-online.target\n") != std::string::npos);
  CHECK(unit.find("Type=exec\n") != std::string::npos);
  serving.serve = "/srv/models/a.gguf";
  REQUIRE(set_up(fake.machine(), serving).message() == "");
  CHECK(fake.files().at(path).find("samovar serve /srv/models/a.gguf\n") != std::string::npos);

  serving.serve = "/home/me/a.gguf";
  CHECK(set_up(fake.machine(), serving).code() == Code::kInvalidArgument);
  serving.serve = "smollm2:135m";
  serving.program = "/home/me/build/samovar";
  CHECK(set_up(fake.machine(), serving).code() == Code::kInvalidArgument);
}

TEST_CASE("a file that somebody has changed since is left alone, and said so") {
  FakeMachine fake;
  const Machine machine = fake.machine();
  REQUIRE(set_up(machine, wishes()).ok());
  fake.tree().write("/etc/modules-load.d/samovar.conf", "zram\nbr_netfilter\nmine\n");
  CHECK(take_back(machine).message() ==
        "/etc/modules-load.d/samovar.conf: somebody has changed it since; it is left as it is: "
        "delete it and run this again to have back what was there before");
  fs::remove(fake.tree().path() + "/etc/modules-load.d/samovar.conf");
  CHECK(take_back(machine).message() == "");
}

TEST_CASE("what can't be taken back is left, and no step is taken for done afterwards") {
  FakeMachine fake;
  const auto before = fake.files();
  const Machine machine = fake.machine();
  Journal journal = *Journal::open(machine);
  REQUIRE(*journal.apply(*make_step_change({.name = "s", .apply = {{"do"}}, .undo = {{"undo"}}})));
  REQUIRE(*journal.apply(*make_file_change({"/etc/mine", "ours"})));
  fake.tree().write("/etc/mine", "theirs");
  CHECK(journal.undo(1).code() == Code::kBusy);
  REQUIRE(journal.forget(1).ok());
  fake.fail_on("undo");
  CHECK(!journal.undo(0).ok());
  REQUIRE(journal.forget(0).ok());
  CHECK(difference(before, fake.files()) == "+/etc/mine ");
}

TEST_CASE("our line leaves /etc/hosts though others have written to it since") {
  FakeMachine fake;
  const Machine machine = fake.machine();
  const auto change = make_line_change("/etc/hosts", "127.0.0.1 localhost tablet");
  Journal journal = *Journal::open(machine);
  REQUIRE(*journal.apply(*change));
  REQUIRE(machine.write("/etc/hosts", "127.0.0.1 localhost\n127.0.0.1 localhost tablet\n::1 more\n")
              .ok());
  REQUIRE(journal.undo(0).ok());
  CHECK(fake.files().at("/etc/hosts") == "127.0.0.1 localhost\n::1 more\n");
}

TEST_CASE("a file without a newline at its end gets its old end back") {
  FakeMachine fake;
  fake.tree().write("/etc/hosts", "127.0.0.1 localhost");
  const Machine machine = fake.machine();
  Journal journal = *Journal::open(machine);
  REQUIRE(*journal.apply(*make_line_change("/etc/hosts", "x")));
  CHECK(fake.files().at("/etc/hosts") == "127.0.0.1 localhost\nx\n");
  REQUIRE(journal.undo(0).ok());
  CHECK(fake.files().at("/etc/hosts") == "127.0.0.1 localhost");
}

TEST_CASE("zram of another program is left to it") {
  FakeMachine fake;
  fake.tree().write("/proc/swaps",
                    "Filename Type Size Used Priority\n/dev/zram0 partition 1024 0 100\n");
  CHECK(set_up(fake.machine(), wishes()).code() == Code::kBusy);
  SetupWishes without = wishes();
  without.zram = false;
  CHECK(set_up(fake.machine(), without).message() == "");
}

TEST_CASE("an algorithm that the kernel lacks is named with those it has") {
  FakeMachine fake;
  fake.tree().write("/sys/block/zram0/comp_algorithm", "lzo [lzo-rle] lz4\n");
  SetupWishes zstd = wishes();
  zstd.zram_algorithm = "zstd";
  CHECK(set_up(fake.machine(), zstd).message() ==
        "--zram-algorithm zstd: this kernel has lzo, lzo-rle, lz4");
}

TEST_CASE("swap areas have the unit names that systemd-escape gives them") {
  CHECK(swap_unit("/dev/sda2") == "dev-sda2.swap");
  CHECK(swap_unit("/var/swap-file") == "var-swap\\x2dfile.swap");
  CHECK(swap_unit("/.swap") == "\\x2eswap.swap");
}

TEST_CASE("a model's name that a unit can't hold is refused") {
  const Service service{"samovar", "LLM server", {"/usr/bin/samovar", "serve", "a b"}};
  CHECK(service_changes(service, ServiceManager::kSystemd).status().code() ==
        Code::kInvalidArgument);
}

TEST_CASE("units are what systemd expects, where systemd-analyze is there to say so") {
  const Machine real = Machine::real();
  if (!real.run({"systemd-analyze", "--version"}).ok()) {
    MESSAGE("skipped: no systemd-analyze here");
    return;
  }
  FakeMachine fake;
  const Machine machine = fake.machine();
  const Service services[] = {{"samovar-zram", "Swap", {"/bin/true", "on"}, {"/bin/true", "off"}},
                              {"samovar", "LLM server", {"/bin/true", "serve", "smollm2:135m"}}};
  for (const Service& service : services) {
    const auto changes = *service_changes(service, ServiceManager::kSystemd);
    REQUIRE(changes[0]->apply(machine).ok());
    const std::string path =
        fake.tree().path() + "/etc/systemd/system/" + service.name + ".service";
    CHECK(real.run({"systemd-analyze", "verify", path}).status().message() == "");
  }
}

TEST_CASE("undo can tell where a service has left its models") {
  FakeMachine fake;
  CHECK(models_of_service(fake.machine()) == "");
  fake.tree().write("/var/cache/samovar/hub/a", "");
  CHECK(models_of_service(fake.machine()) == "/var/cache/samovar");
  fake.tree().write("/var/cache/private/samovar/hub/a", "");
  CHECK(models_of_service(fake.machine()) == "/var/cache/private/samovar");
}

TEST_CASE("an OpenRC service is a script that is enabled and started") {
  FakeMachine fake;
  const Machine machine = fake.machine();
  const Service service{"samovar", "LLM server", {"/usr/bin/samovar", "serve", "smollm2:135m"}};
  const auto changes = *service_changes(service, ServiceManager::kOpenRc);
  REQUIRE(changes.size() == 3);
  REQUIRE(changes[0]->apply(machine).ok());
  const std::string path = fake.tree().path() + "/etc/init.d/samovar";
  CHECK(fs::status(path).permissions() == fs::perms(0755));
  CHECK(fake.files().at("/etc/init.d/samovar").find("command_args=\"serve smollm2:135m\"") !=
        std::string::npos);
  const std::string script = fake.files().at("/etc/init.d/samovar");
  for (const char* line : {"command_user=nobody\n",
                           "export HF_HOME=/var/cache/samovar XDG_STATE_HOME=/var/cache/samovar\n",
                           "  checkpath --directory --owner nobody /var/cache/samovar\n"}) {
    CAPTURE(line);
    CHECK(script.find(line) != std::string::npos);
  }
  CHECK(changes[1]->name() == "rc-update add samovar default");
  CHECK(changes[2]->describe() == "rc-service samovar restart\n");
  REQUIRE(changes[2]->apply(machine).ok());
  CHECK_FALSE(*changes[2]->holds(machine));
  fake.tree().write("/run/openrc/started/samovar", "");  // as OpenRC does while it runs
  CHECK(*changes[2]->holds(machine));
}

TEST_CASE("a journal that can't be understood is an error, not an empty one") {
  FakeMachine fake;
  for (const char* text :
       {"", "{}", "[]", "{\"version\":2,\"entries\":[]}",
        "{\"version\":1,\"entries\":[{\"change\":{\"kind\":\"x\"},\"before\":{}}]}",
        "{\"version\":1,\"entries\":[{\"change\":{\"kind\":\"line\"},\"before\":{}}]}"}) {
    CAPTURE(text);
    fake.tree().write(Journal::kPath, text);
    CHECK(!Journal::open(fake.machine()).ok());
  }
}

}  // namespace
}  // namespace samovar::host
