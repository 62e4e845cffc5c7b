// The how-to of 2024, line by line, against what we do: each difference has its reason here.
// SPDX-License-Identifier: Apache-2.0
#include "cluster/tablet.h"
#include "host/services.h"
#include "host/setup.h"

#include <doctest/doctest.h>

namespace samovar::cluster {
namespace {

#define K0S "/usr/local/bin/k0s"
#define KUBECTL K0S " kubectl "
#define FILES "/var/lib/samovar-host/cluster"

struct Row {
  const char* howto;  // empty: not in it
  std::vector<std::string> ours;
  const char* reason;  // empty: the same
};

const Row kUp[] = {
    {"systemctl mask VAR-SWAP.swap", {"systemctl mask dev-sda2.swap"}, ""},
    {"swapoff -a",
     {"swapoff /dev/sda2", "systemctl daemon-reload"},
     "each area by name, so that each comes back; its line in fstab, which may name it otherwise, "
     "becomes a comment"},
    {"free -b", {}, "MemTotal of /proc/meminfo says it, and no person has to copy it"},
    {"tee zram.service",
     {"modprobe zram", "systemctl daemon-reload"},
     "the unit runs `samovar host zram`: hot_add, so that nobody else's zram0 is taken"},
    {"systemctl enable --now zram.service",
     {"systemctl enable samovar-zram.service", "systemctl restart samovar-zram.service"},
     "two steps, so that a service that stopped, or whose command has changed, is started again"},
    {"tee 99-kubernetes-cri.conf; sysctl --system",
     {"modprobe br_netfilter"},
     "the settings are written to /proc/sys; two of them need the module first"},
    {"tee --append /etc/hosts", {}, "a file, no command"},
    {"swupd bundle-add containers-basic",
     {"apt-get install -y --no-install-recommends containerd runc"},
     "Clear Linux has ended; containerd alone, and the runc that it needs by name, so that it goes "
     "too"},
    {"", {"mkdir -p /opt/cni/bin"}, "k0s's network would make it, and nobody would remove it"},
    {"systemctl disable crio.service",
     {"systemctl disable --now crio.service"},
     "--now: it would hold memory until the restart"},
    {"systemctl disable docker.socket docker.service",
     {"systemctl disable --now docker.socket", "systemctl disable --now docker.service"},
     "--now; one each, so that each comes back"},
    {"",
     {"systemctl try-restart containerd.service"},
     "its new configuration: k0s's network plug-ins lie in /opt/cni/bin"},
    {"systemctl enable --now containerd.service",
     {"systemctl enable containerd.service", "systemctl start containerd.service"},
     "two steps, each taken back alone: it may have run before without being enabled"},
    {"curl -sSLf https://get.k0s.sh | sh",
     {"curl -sSLf -o " K0S " https://github.com/k0sproject/k0s/releases/download/v1.34.1%2Bk0s.0/"
      "k0s-v1.34.1%2Bk0s.0-amd64",
      "chmod 755 " K0S},
     "one release, and no script from the net run as root"},
    {"k0s install controller --single --disable-components metrics-server",
     {K0S " install controller --single --disable-components=metrics-server "
          "--cri-socket=remote:unix:///run/containerd/containerd.sock --profile=samovar "
          "--config=/etc/k0s/k0s.yaml"},
     "the socket by its flag instead of a link; a profile for swap"},
    {"k0s start", {K0S " start"}, ""},
    {"ln -s /var/run/containerd/containerd.sock /run/k0s/containerd.sock",
     {},
     "--cri-socket says it"},
    {"",
     {KUBECTL "wait --for=condition=Ready node/tablet --timeout=10s", KUBECTL "uncordon tablet"},
     "nothing can be applied before there is a node"},
    {"git clone https://github.com/prometheus-operator/kube-prometheus.git",
     {"curl -sSLf --create-dirs -o " FILES "/monitoring/kube-prometheus.tar.gz "
      "https://github.com/prometheus-operator/kube-prometheus/archive/refs/tags/v0.16.0.tar.gz",
      "mkdir -p " FILES "/monitoring/kube-prometheus",
      "tar -xzf " FILES "/monitoring/kube-prometheus.tar.gz -C " FILES
      "/monitoring/kube-prometheus --strip-components=1"},
     "one release, and no git needed"},
    {"k0s kubectl apply --server-side -f manifests/setup",
     {KUBECTL "apply --server-side -f " FILES "/monitoring/kube-prometheus/manifests/setup"},
     ""},
    {"k0s kubectl wait --for condition=Established --all CustomResourceDefinition "
     "--namespace=monitoring",
     {KUBECTL
      "wait --for condition=Established --all CustomResourceDefinition --namespace=monitoring"},
     ""},
    {"k0s kubectl apply -f manifests/",
     {KUBECTL "apply --server-side --force-conflicts -k " FILES "/monitoring"},
     "-k: the light choice of the manifests, and our board in Grafana"},
    {"",
     {"/usr/local/bin/samovar cluster image " FILES "/image.tar",
      "ctr --address /run/containerd/containerd.sock -n k8s.io images import " FILES "/image.tar"},
     "neither a registry nor docker is needed"},
    {"wget phi-2.Q4_K_M.gguf",
     {"env HF_HUB_CACHE=/var/lib/samovar/models /usr/local/bin/samovar pull qwen2.5-coder:1.5b"},
     "checked while it comes, and once for all pods"},
    {"k0s kubectl apply -f llama-server.yaml",
     {KUBECTL "apply -k " FILES "/release"},
     "-k: the same manifests with this machine's limits"},
    {"", {KUBECTL "rollout status --timeout=20s statefulset/llama-server"}, "ends by itself"},
    {"k0s kubectl get pod -n monitoring -w",
     {KUBECTL "rollout status --timeout=20s -n monitoring statefulset/prometheus-k8s",
      KUBECTL "rollout status --timeout=20s -n monitoring deployment/grafana"},
     "ends by itself"},
};

const Row kAgain[] = {
    {"",
     {"systemctl start containerd.service"},
     "the other socket is not there yet; starting what runs changes nothing"},
    {"k0s install controller --single --disable-components metrics-server --force",
     {K0S " stop",
      K0S " install controller --single --disable-components=metrics-server "
          "--cri-socket=remote:unix:///run/other.sock --profile=samovar --config=/etc/k0s/k0s.yaml "
          "--force"},
     "stopped first: a running k0s would keep its old settings"},
    {"systemctl daemon-reload", {"systemctl daemon-reload"}, ""},
    {"k0s start", {K0S " start"}, ""},
};

const Row kDown[] = {
    {"k0s kubectl delete statefulset llama-server",
     {KUBECTL "delete --ignore-not-found=true --cascade=foreground -k " FILES "/release"},
     "its services and policies too; waits for the pods, whose image goes next"},
    {"",
     {"ctr --address /run/containerd/containerd.sock -n k8s.io images rm localhost/samovar:0.1.0",
      "rm -f " FILES "/image.tar"},
     "what was made goes"},
    {"k0s kubectl delete --ignore-not-found=true -f manifests/ -f manifests/setup",
     {KUBECTL "delete --ignore-not-found=true --cascade=foreground -k " FILES "/monitoring",
      KUBECTL "delete --ignore-not-found=true --cascade=foreground -n kube-system service "
              "-l k8s-app=kubelet,app.kubernetes.io/managed-by=prometheus-operator",
      KUBECTL "delete --ignore-not-found=true --cascade=foreground -f " FILES
              "/monitoring/kube-prometheus/manifests/setup"},
     "-k and -f do not go together; the operator leaves a Service of its own"},
    {"",
     {"rm -rf " FILES "/monitoring/kube-prometheus " FILES "/monitoring/kube-prometheus.tar.gz"},
     "what was fetched goes"},
    {"k0s kubectl drain --ignore-daemonsets --delete-emptydir-data HOSTNAME",
     {KUBECTL "drain --ignore-daemonsets --delete-emptydir-data --timeout=300s tablet"},
     "it does not wait for ever"},
    {"k0s stop", {K0S " stop"}, ""},
    {"k0s reset",
     {K0S " reset --cri-socket=remote:unix:///run/containerd/containerd.sock"},
     "its pods are in this containerd"},
    {"", {"rm -f " K0S}, "what was fetched goes"},
    {"",
     {"systemctl stop containerd.service", "systemctl disable containerd.service",
      "systemctl try-restart containerd.service"},
     "as it was"},
    {"",
     {"systemctl enable --now docker.service", "systemctl enable --now docker.socket",
      "systemctl enable --now crio.service"},
     "as it was"},
    {"",
     {"rm -rf /opt/cni"},
     "what was made goes, with the plug-ins that k0s's network has put there"},
    {"",
     {"dpkg --purge containerd runc", "rm -rf /var/lib/containerd"},
     "what was installed goes, with its images; unlike `apt-get purge` it refuses to take a "
     "docker.io "
     "with it that has come since"},
};

const Row kReboot = {"systemctl reboot", {"systemctl reboot"}, ""};

std::vector<std::string> all(std::span<const Row> rows) {
  std::vector<std::string> lines;
  for (const Row& row : rows) lines.insert(lines.end(), row.ours.begin(), row.ours.end());
  return lines;
}

Status host_setup(Tablet& tablet) {
  const host::Machine machine = tablet.machine();
  host::SetupWishes wishes;
  wishes.program = "/usr/local/bin/samovar";
  SAMOVAR_ASSIGN(const host::HostFacts facts, host::read_facts(machine));
  SAMOVAR_ASSIGN(const auto changes, host::setup_changes(facts, wishes));
  SAMOVAR_ASSIGN(host::Journal journal, host::Journal::open(machine));
  for (const auto& change : changes) SAMOVAR_TRY(journal.apply(*change).status());
  return {};
}

TEST_CASE("every difference from the how-to has a reason") {
  for (const auto& rows : {std::span<const Row>(kUp), std::span<const Row>(kAgain),
                           std::span<const Row>(kDown), std::span<const Row>(&kReboot, 1)}) {
    for (const Row& row : rows) {
      CAPTURE(row.howto);
      const bool same = row.ours.size() == 1 && std::string(row.howto).size() > 0;
      CHECK((same || *row.reason != '\0'));
    }
  }
}

TEST_CASE("host setup and cluster up run the how-to's commands in its order, down the removal's") {
  Tablet tablet;
  REQUIRE(host_setup(tablet).message() == "");
  const auto before = tablet.files();
  REQUIRE(tablet.up(Tablet::wishes()).message() == "");
  CHECK(tablet.commands_since(0) == all(kUp));

  const size_t n_up = tablet.commands().size();
  REQUIRE(tablet.down().message() == "");
  CHECK(tablet.commands_since(n_up) == all(kDown));
  auto after = tablet.files();
  after.erase("/var/lib/samovar/models/model");  // models stay
  after.erase("/var/lib/samovar/models");
  after.erase("/var/lib/samovar");
  CHECK(host::difference(before, after) == "");
}

TEST_CASE("the machine is restarted as in the how-to, where that is asked for") {
  const auto command = host::reboot_command(host::ServiceManager::kSystemd);
  CHECK(host::command_line(command) == kReboot.ours.front());
}

TEST_CASE("a changed configuration installs k0s again, as the how-to does") {
  Tablet tablet;
  REQUIRE(tablet.up(Tablet::wishes()).message() == "");
  const size_t n_up = tablet.commands().size();
  ClusterWishes other = Tablet::wishes();
  other.containerd = "/run/other.sock";
  REQUIRE(tablet.up(other).message() == "");
  const auto lines = tablet.commands_since(n_up);
  const auto expected = all(kAgain);
  REQUIRE(lines.size() > expected.size());
  CHECK(std::vector<std::string>(lines.begin(), lines.begin() + 5) == expected);
}

}  // namespace
}  // namespace samovar::cluster
