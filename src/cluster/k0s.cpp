#include "cluster/k0s.h"

#include "cluster/architecture.h"
#include "cluster/kubectl.h"

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

using host::Arguments;
using host::Step;

constexpr char kVersion[] =
    "v1.34.1+k0s.0";  // Kubernetes 1.34: of kube-prometheus's (monitoring.cpp)
constexpr char kConfig[] = "/etc/k0s/k0s.yaml";

// Swap for pods whose memory request is below their limit (Kubernetes: "Swap memory management").
std::string k0s_config(host::ServiceManager manager) {
  return fmt::format(
      "# Written by `samovar cluster up`.\n"
      "apiVersion: k0s.k0sproject.io/v1beta1\n"
      "kind: ClusterConfig\n"
      "metadata: {{name: k0s}}\n"
      "spec:\n"
      "  telemetry: {{enabled: false}}\n"
      "  workerProfiles:\n"
      "    - name: samovar\n"
      "      values:\n"
      "        cgroupDriver: {}\n"
      "        failSwapOn: false\n"
      "        memorySwap: {{swapBehavior: LimitedSwap}}\n",
      manager == host::ServiceManager::kSystemd ? "systemd" : "cgroupfs");
}

Step download() {
  std::string tag = kVersion;
  tag.replace(tag.find('+'), 1, "%2B");
  return {.name = kK0sDownload,
          .apply = {{"curl", "-sSLf", "-o", kK0sProgram,
                     fmt::format("https://github.com/k0sproject/k0s/releases/download/{}/k0s-{}-{}",
                                 tag, tag, kArchitecture)},
                    {"chmod", "755", kK0sProgram}},
          .undo = {{"rm", "-f", kK0sProgram}},
          .version = kVersion,
          .evidence = kK0sProgram};
}

// k0s can't change an installation: it is made anew over the old one, which must not run then.
Step install(const ClusterFacts& facts, const std::string& socket, const std::string& settings) {
  const std::string cri = "--cri-socket=remote:unix://" + socket;
  Arguments command{kK0sProgram,
                    "install",
                    "controller",
                    "--single",
                    "--disable-components=metrics-server",
                    cri,
                    "--profile=samovar",
                    std::string("--config=") + kConfig};
  Step step{.name = kK0sInstall,
            .apply = {command},
            .undo = {{kK0sProgram, "reset", cri}},
            .undo_needs = kK0sProgram,
            .version = fmt::format("{}\n{}{}", kVersion, settings, cri)};
  if (!facts.has_our_k0s) return step;
  command.push_back("--force");
  step.apply = {command};
  if (facts.runs_k0s) step.apply.insert(step.apply.begin(), {kK0sProgram, "stop"});
  if (facts.service_manager == host::ServiceManager::kSystemd) {
    step.apply.push_back({"systemctl", "daemon-reload"});
  }
  return step;
}

}  // namespace

Result<std::vector<host::ChangePointer>> k0s_changes(const ClusterFacts& facts,
                                                     const ClusterWishes& wishes) {
  if (facts.has_foreign_k0s) {
    return busy(
        "k0s: it is here already, and not by samovar: use that cluster (--kubeconfig FILE), or "
        "remove it (k0s stop; k0s reset)");
  }
  const std::string settings = k0s_config(facts.service_manager);
  std::vector<host::ChangePointer> changes;
  changes.push_back(host::make_step_change(download()));
  changes.push_back(host::make_file_change({kConfig, settings}));
  changes.push_back(host::make_step_change(install(facts, wishes.containerd, settings)));
  changes.push_back(host::make_step_change({.name = "k0s-start",
                                            .apply = {{kK0sProgram, "start"}},
                                            .undo = {{kK0sProgram, "stop"}},
                                            .undo_needs = kK0sSocket,
                                            .evidence = kK0sSocket}));
  // The node comes by itself; what it leaves must end well.
  changes.push_back(host::make_step_change(
      {.name = "node",
       .apply = {kubectl(wishes,
                         {"wait", "--for=condition=Ready", "node/" + facts.node, "--timeout=10s"}),
                 kubectl(wishes, {"uncordon", facts.node})},
       .undo = {kubectl(wishes, {"drain", "--ignore-daemonsets", "--delete-emptydir-data",
                                 "--timeout=300s", facts.node})},
       .undo_needs = kK0sSocket,
       .when = Step::When::kAlways,
       .tries = 40}));
  return changes;
}

}  // namespace samovar::cluster
