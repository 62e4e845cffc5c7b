#include "cluster/addresses.h"
#include "cluster/memory.h"
#include "cluster/release.h"
#include "cluster/tablet.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

namespace samovar::cluster {
namespace {

ClusterFacts facts_of(uint64_t memory_bytes) {
  ClusterFacts facts;
  facts.memory_bytes = memory_bytes;
  return facts;
}

TEST_CASE("each command may fail once: a second run goes on, and down still takes all back") {
  Tablet model;
  REQUIRE(model.up(Tablet::wishes()).ok());
  const auto once = model.commands_since(0);
  for (const std::string& failing : std::set<std::string>(once.begin(), once.end())) {
    CAPTURE(failing);
    Tablet tablet;
    const auto before = tablet.files();
    tablet.fail_on(failing);
    const Status first = tablet.up(Tablet::wishes());
    const bool is_patient = first.ok();  // what it waits for may fail
    const size_t n_first = tablet.commands().size();
    REQUIRE(tablet.up(Tablet::wishes()).message() == "");
    if (!is_patient) CHECK(tablet.commands_since(n_first).size() < 2 * once.size());
    REQUIRE(tablet.down().message() == "");
    auto after = tablet.files();
    for (const char* left :
         {"/var/lib/samovar/models/model", "/var/lib/samovar/models", "/var/lib/samovar"}) {
      after.erase(left);
    }
    CHECK(host::difference(before, after) == "");
  }
}

TEST_CASE("each command of the removal may fail once too: a second run goes on where it stopped") {
  Tablet model;
  REQUIRE(model.up(Tablet::wishes()).ok());
  const size_t n_up = model.commands().size();
  REQUIRE(model.down().ok());
  for (const std::string& failing : model.commands_since(n_up)) {
    CAPTURE(failing);
    Tablet tablet;
    REQUIRE(tablet.up(Tablet::wishes()).ok());
    tablet.fail_on(failing);
    CHECK(tablet.down().code() == Code::kInternal);
    CHECK(tablet.down().message() == "");
    CHECK(!tablet.machine().exists("/var/lib/samovar-host"));
  }
}

TEST_CASE("without monitoring there is a folder for the image too, and none is left") {
  Tablet tablet;
  const auto before = tablet.files();
  ClusterWishes wishes = Tablet::wishes();
  wishes.monitoring = Monitoring::kNone;
  wishes.model = "/models/small.gguf";
  REQUIRE(tablet.up(wishes).message() == "");
  REQUIRE(tablet.down().message() == "");
  CHECK(host::difference(before, tablet.files()) == "");
}

TEST_CASE("a second run does only what changes nothing twice") {
  Tablet tablet;
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  const auto files = tablet.files();
  const size_t n_up = tablet.commands().size();
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  CHECK(host::difference(files, tablet.files()) == "");
  for (const std::string& line : tablet.commands_since(n_up)) {
    CAPTURE(line);
    const bool is_kubectl = line.find(" kubectl ") != std::string::npos;
    const bool is_pull = line.find(" pull ") != std::string::npos;
    CHECK((is_kubectl || is_pull || line.find(" image") != std::string::npos));
  }
}

TEST_CASE("another model is another release, and down knows the way back from both") {
  Tablet tablet;
  const auto before = tablet.files();
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  ClusterWishes other = Tablet::wishes();
  other.model = "smollm2:135m";
  REQUIRE(tablet.up(other).ok());
  CHECK(
      tablet.files().at("/var/lib/samovar-host/cluster/release/patch.yaml").find("smollm2:135m") !=
      std::string::npos);
  const size_t n_up = tablet.commands().size();
  REQUIRE(tablet.down().message() == "");
  const auto lines = tablet.commands_since(n_up);
  CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
          return line.find("k0s reset") != std::string::npos;
        }) == 1);
  CHECK(!tablet.machine().exists("/var/lib/samovar-host"));
  CHECK(tablet.machine().exists("/etc/systemd/system/sockets.target.wants/docker.socket"));
}

TEST_CASE("a model that another folder lacks, or that was removed, is fetched again") {
  Tablet tablet;
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  ClusterWishes other = Tablet::wishes();
  other.models = "/srv/models";
  for (const ClusterWishes& wishes : {other, other}) {
    const size_t n_before = tablet.commands().size();
    REQUIRE(tablet.up(wishes).ok());
    const auto lines = tablet.commands_since(n_before);
    CHECK(std::count(lines.begin(), lines.end(),
                     "env HF_HUB_CACHE=/srv/models /usr/local/bin/samovar pull "
                     "qwen2.5-coder:1.5b") == 1);
  }
}

TEST_CASE("a cluster that is gone already is not asked to remove anything") {
  Tablet tablet;
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  std::filesystem::remove(tablet.tree().path() + "/run/k0s/status.sock");
  std::filesystem::remove(tablet.tree().path() + "/usr/local/bin/k0s");
  const size_t n_up = tablet.commands().size();
  REQUIRE(tablet.down().message() == "");
  for (const std::string& line : tablet.commands_since(n_up)) {
    CAPTURE(line);
    CHECK(!line.starts_with("/usr/local/bin/k0s"));
  }
}

TEST_CASE("somebody else's k0s is left alone, and said so") {
  Tablet tablet;
  tablet.tree().write("/usr/local/bin/k0s", "");
  const Status status = tablet.up(Tablet::wishes());
  CHECK(status.code() == Code::kBusy);
  CHECK(std::string(status.message()).starts_with("k0s: it is here already"));
  CHECK(tablet.commands().empty());
}

TEST_CASE("without a service manager there is no k0s, but a cluster that exists can be used") {
  Tablet tablet;
  std::filesystem::remove_all(tablet.tree().path() + "/run/systemd");
  CHECK(tablet.up(Tablet::wishes()).code() == Code::kUnsupported);
  ClusterWishes wishes = Tablet::wishes();
  wishes.kubeconfig = "admin.conf";
  wishes.image_file = "samovar.tar";
  wishes.models.clear();
  REQUIRE(tablet.up(wishes).message() == "");
  for (const std::string& line : tablet.commands_since(0)) {
    CAPTURE(line);
    CHECK(line.find("k0s") == std::string::npos);
    CHECK(!line.starts_with("systemctl"));
  }
  CHECK(tablet.down().message() == "");
}

TEST_CASE("containerd that nobody here can install is said to be missing") {
  Tablet tablet;
  std::filesystem::remove(tablet.tree().path() + "/usr/bin/apt-get");
  CHECK(std::string(tablet.up(Tablet::wishes()).message()).starts_with("containerd: not here"));
}

TEST_CASE("a missing curl is said before anything is done, with the command that brings it") {
  Tablet tablet;
  std::filesystem::remove(tablet.tree().path() + "/usr/bin/curl");
  CHECK(tablet.up(Tablet::wishes()).message() ==
        "curl: not here; k0s and kube-prometheus are fetched with it: apt-get install curl, then "
        "run this again");
  CHECK(tablet.commands().empty());
  ClusterWishes wishes = Tablet::wishes();
  wishes.kubeconfig = "admin.conf";
  wishes.monitoring = Monitoring::kNone;
  CHECK(tablet.up(wishes).message() == "");
}

TEST_CASE("a docker that came after our containerd keeps it, and its images") {
  Tablet tablet;
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  tablet.fail_on("dpkg --purge");  // as dpkg does while another package depends on it
  CHECK(tablet.down().code() == Code::kInternal);
  for (const std::string& line : tablet.commands()) {
    CHECK(line.find("/var/lib/containerd") == std::string::npos);
  }
}

TEST_CASE("runc that was here before is neither installed nor removed") {
  Tablet tablet;
  tablet.tree().write("/usr/sbin/runc", "");
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  REQUIRE(tablet.down().ok());
  for (const std::string& line : tablet.commands()) CHECK(!line.ends_with(" runc"));
}

TEST_CASE("Alpine's ctr is a package of its own, and its removal is checked") {
  Tablet tablet;
  std::filesystem::remove(tablet.tree().path() + "/usr/bin/apt-get");
  tablet.tree().write("/sbin/apk", "");
  REQUIRE(tablet.up(Tablet::wishes()).message() == "");
  REQUIRE(tablet.down().message() == "");
  const auto& lines = tablet.commands();
  CHECK(std::count(lines.begin(), lines.end(), "apk add containerd containerd-ctr") == 1);
  const auto del = std::find(lines.begin(), lines.end(), "apk del containerd containerd-ctr");
  REQUIRE(lines.end() - del > 2);
  CHECK(del[1] == "test '!' -e /usr/bin/containerd");
  CHECK(del[2] == "rm -rf /var/lib/containerd");
}

TEST_CASE("plug-ins of another network stay in /opt/cni") {
  Tablet tablet;
  tablet.tree().write("/opt/cni/bin/theirs", "");
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  REQUIRE(tablet.down().ok());
  CHECK(tablet.machine().exists("/opt/cni/bin/theirs"));
}

TEST_CASE("each image that was imported is removed, also that of an older version") {
  Tablet tablet;
  ClusterWishes older = Tablet::wishes();
  older.image = "localhost/samovar:0.0.9";
  REQUIRE(tablet.up(older).ok());
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  const size_t n_up = tablet.commands().size();
  REQUIRE(tablet.down().ok());
  const auto lines = tablet.commands_since(n_up);
  for (const char* version : {"0.0.9", "0.1.0"}) {
    CAPTURE(version);
    CHECK(std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
            return line.ends_with(std::string("images rm localhost/samovar:") + version);
          }) == 1);
  }
}

TEST_CASE("containerd that was here before stays, with its own configuration") {
  Tablet tablet;
  tablet.tree().write("/usr/bin/containerd", "");
  tablet.tree().write("/etc/containerd/config.toml", "version = 2\n");
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  REQUIRE(tablet.down().ok());
  CHECK(tablet.files().at("/etc/containerd/config.toml") == "version = 2\n");
  for (const std::string& line : tablet.commands()) CHECK(!line.starts_with("apt-get"));
}

TEST_CASE("a pod gets what Kubernetes and the monitoring leave") {
  ClusterWishes wishes;
  const PodMemory on_tablet = pod_memory(facts_of(7892946944), wishes).value();
  CHECK(on_tablet.limit_mib == 7527 - 1216 - 512 - 576);
  CHECK(on_tablet.request_mib < on_tablet.limit_mib);
  CHECK(monitoring_of(facts_of(7892946944), wishes) == Monitoring::kLight);
  CHECK(monitoring_of(facts_of(uint64_t{16} << 30), wishes) == Monitoring::kFull);
  wishes.memory_bytes = uint64_t{2} << 30;
  CHECK(pod_memory(facts_of(7892946944), wishes)->limit_mib == 2048);
}

TEST_CASE("a pod is promised no more swap than its own check will count") {
  const auto swap_mib = [](ClusterFacts facts, uint64_t limit_bytes) {
    ClusterWishes wishes;
    wishes.memory_bytes = limit_bytes;
    return pod_memory(facts, wishes).value().swap_mib;
  };
  const uint64_t two_gib = uint64_t{2} << 30;
  ClusterFacts tablet = facts_of(7892946944);  // after `host setup`
  tablet.swap_bytes = tablet.zram_bytes = tablet.memory_bytes;
  CHECK(swap_mib(tablet, 0) == 0);           // the limit leaves no memory for zram
  CHECK(swap_mib(tablet, two_gib) == 1433);  // as much as it requests
  CHECK(swap_mib(tablet, uint64_t{5000} << 20) == 223);
  ClusterFacts with_disk = facts_of(7892946944);
  with_disk.swap_bytes = with_disk.memory_bytes;
  CHECK(swap_mib(with_disk, 0) == 5223 * 7 / 10);
}

TEST_CASE("swap areas are told apart by where they lie") {
  Tablet tablet;
  tablet.tree().write("/proc/swaps",
                      "Filename Type Size Used Priority\n/dev/sda2 partition 1024 0 -2\n"
                      "/dev/zram1 partition 4096 0 100\n");
  const ClusterFacts facts = read_cluster_facts(tablet.machine()).value();
  CHECK(facts.swap_bytes == 5120 * 1024);
  CHECK(facts.zram_bytes == 4096 * 1024);
}

TEST_CASE("too little memory is refused with the account") {
  ClusterWishes wishes;
  CHECK(
      pod_memory(facts_of(uint64_t{2} << 30), wishes).status().message() ==
      "memory: 2048 MiB - control plane 1216 - system 512 - monitoring 576 leave -256 MiB for the "
      "pod, at least 512 are needed (--monitoring none or light takes less)");
  wishes.memory_bytes = uint64_t{8} << 30;
  CHECK(pod_memory(facts_of(7892946944), wishes).status().code() == Code::kResourceExhausted);
}

TEST_CASE("addresses tell what answers, and whether Prometheus sees the server") {
  host::FakeMachine fake;
  ClusterWishes wishes;
  const std::string get =
      "/usr/local/bin/k0s kubectl get service -o "
      "'jsonpath={.spec.clusterIP}:{.spec.ports[0].port}' ";
  fake.play(get + "llama-server", [](const std::string&) { return "10.96.0.7:8080"; });
  fake.play(get + "-n monitoring prometheus-k8s",
            [](const std::string&) { return "10.96.0.8:9090"; });
  fake.play("/usr/local/bin/k0s kubectl get --raw", [](const std::string&) {
    return R"({"status":"success","data":{"result":[{"metric":{},"value":[1764200000,"1"]}]}})";
  });
  fake.fail_on(get + "-n monitoring grafana");
  CHECK(addresses(fake.machine(), wishes) ==
        "API         http://10.96.0.7:8080/v1\n"
        "Prometheus  http://10.96.0.8:9090  target UP\n"
        "Grafana     not there\n");
}

TEST_CASE("what the pod's own check says is asked for where the wait for it has failed") {
  Tablet tablet;
  tablet.play("/usr/local/bin/k0s kubectl logs llama-server-0 -c plan --tail=40",
              [](const std::string&) { return "It does not fit.\n"; });
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  CHECK(plan_log(tablet.machine(), Tablet::wishes()) == "");
  tablet.tree().write("/var/lib/samovar-host/steps/wait-llama-server", "begun\n");
  CHECK(plan_log(tablet.machine(), Tablet::wishes()) ==
        "what the pod's own check of its plan says:\nIt does not fit.\n");
}

TEST_CASE("a path below /models is fetched by nobody") {
  Tablet tablet;
  ClusterWishes wishes = Tablet::wishes();
  wishes.model = "/models/small.gguf";
  REQUIRE(tablet.up(wishes).message() == "");
  for (const std::string& line : tablet.commands()) CHECK(!line.starts_with("env HF_HUB_CACHE"));
}

TEST_CASE("a model's name goes into the patch as it is, whatever is in it") {
  ClusterWishes wishes = Tablet::wishes();
  wishes.model = "a\": {b}\n- c";
  CHECK(release_patch(wishes, {1000, 700}).find("serve, \"a\\\": {b}\\n- c\", --ctx-size=8192") !=
        std::string::npos);
}

}  // namespace
}  // namespace samovar::cluster
