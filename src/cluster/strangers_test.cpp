#include "cluster/strangers.h"

#include "cluster/marks.h"
#include "cluster/tablet.h"

#include <doctest/doctest.h>

namespace samovar::cluster {
namespace {

TEST_CASE("the marks tell which cluster is up and how it is monitored") {
  Tablet tablet;
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  CHECK(standing_cluster(tablet.machine())->kubeconfig == "");
  CHECK(standing_cluster(tablet.machine())->monitoring == Monitoring::kLight);

  Tablet other;
  ClusterWishes wishes = Tablet::wishes();
  wishes.kubeconfig = "/etc/admin.conf";
  wishes.monitoring = Monitoring::kNone;
  REQUIRE(other.up(wishes).ok());
  CHECK(standing_cluster(other.machine())->kubeconfig == "/etc/admin.conf");
  CHECK(standing_cluster(other.machine())->monitoring == Monitoring::kNone);
}

constexpr char kAskMonitoring[] =
    "kubectl --kubeconfig=/k/admin.conf get crd/prometheuses.monitoring.coreos.com "
    "namespace/monitoring --ignore-not-found -o name";
constexpr char kAskRelease[] =
    "kubectl --kubeconfig=/k/admin.conf get statefulset/llama-server --ignore-not-found -o name";

ClusterWishes elsewhere() {
  ClusterWishes wishes = Tablet::wishes();
  wishes.kubeconfig = "/k/admin.conf";
  wishes.image_file = "samovar.tar";
  wishes.models.clear();
  return wishes;
}

TEST_CASE("a cluster that is monitored already is left alone, --monitoring none is the way out") {
  Tablet tablet;
  tablet.play(kAskMonitoring, [](const std::string&) { return "namespace/monitoring\n"; });
  const Status status = tablet.up(elsewhere());
  CHECK(status.code() == Code::kBusy);
  CHECK(status.message() ==
        "namespace/monitoring: this cluster is monitored already, and not by samovar: --monitoring "
        "none leaves that alone");
  CHECK(tablet.commands().size() == 1);
  CHECK(!tablet.machine().exists("/var/lib/samovar-host"));
  ClusterWishes without = elsewhere();
  without.monitoring = Monitoring::kNone;
  CHECK(tablet.up(without).message() == "");
}

TEST_CASE("all that is somebody else's monitoring is named") {
  Tablet tablet;
  tablet.play(kAskMonitoring, [](const std::string&) { return "crd/a\nnamespace/monitoring\n"; });
  CHECK(std::string(tablet.up(elsewhere()).message()).starts_with("crd/a, namespace/monitoring: "));
}

TEST_CASE("somebody else's llama-server is neither overwritten nor deleted") {
  Tablet tablet;
  tablet.play(kAskRelease, [](const std::string&) { return "statefulset.apps/llama-server\n"; });
  const Status status = tablet.up(elsewhere());
  CHECK(status.code() == Code::kBusy);
  CHECK(std::string(status.message()).starts_with("statefulset.apps/llama-server: "));
  CHECK(tablet.commands().size() == 2);
}

TEST_CASE("what we have made ourselves is nobody else's") {
  Tablet tablet;
  REQUIRE(tablet.up(elsewhere()).message() == "");
  for (const char* question : {kAskMonitoring, kAskRelease}) {
    tablet.play(question, [](const std::string&) { return "ours\n"; });
  }
  CHECK(tablet.up(elsewhere()).message() == "");
}

TEST_CASE("a cluster that does not answer is said before anything is changed") {
  Tablet tablet;
  tablet.fail_on(kAskMonitoring);
  CHECK(tablet.up(elsewhere()).code() == Code::kInternal);
  CHECK(!tablet.machine().exists("/var/lib/samovar-host"));
}

TEST_CASE("a second cluster is refused while the first is up") {
  Tablet tablet;
  REQUIRE(tablet.up(elsewhere()).message() == "");
  ClusterWishes other = elsewhere();
  other.kubeconfig = "/k/other.conf";
  CHECK(tablet.up(other).message() ==
        "a cluster is up already (/k/admin.conf), and one at a time can be taken back: `samovar "
        "cluster down` first");
  CHECK(tablet.up(Tablet::wishes()).code() == Code::kBusy);
  CHECK(tablet.up(elsewhere()).message() == "");
  REQUIRE(tablet.down().message() == "");
  CHECK(tablet.up(other).message() == "");
}

TEST_CASE("another profile of monitoring, or none, is refused while one is up") {
  Tablet tablet;
  REQUIRE(tablet.up(Tablet::wishes()).ok());
  ClusterWishes other = Tablet::wishes();
  other.monitoring = Monitoring::kNone;
  CHECK(tablet.up(other).message() ==
        "monitoring: the cluster that is up has the profile light, and none is asked for: give "
        "--monitoring light, or `samovar cluster down` first");
  other.memory_bytes = uint64_t{1} << 30;
  other.monitoring = Monitoring::kFull;
  CHECK(tablet.up(other).code() == Code::kBusy);
  other.monitoring = Monitoring::kLight;
  CHECK(tablet.up(other).message() == "");
}

TEST_CASE("monitoring can come later") {
  Tablet tablet;
  ClusterWishes wishes = Tablet::wishes();
  wishes.monitoring = Monitoring::kNone;
  REQUIRE(tablet.up(wishes).ok());
  CHECK(tablet.up(Tablet::wishes()).message() == "");
}

}  // namespace
}  // namespace samovar::cluster
