#include "cluster/containerd.h"

#include "host/services.h"

#include <array>

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

using host::Arguments;
using host::ServiceManager;
using host::Step;

struct Package {
  std::string_view manager;
  Arguments install;
  Arguments remove;
};

std::array<Package, 4> packages() {
  return {
      Package{"apt-get",
              {"apt-get", "install", "-y", "--no-install-recommends", "containerd"},
              {"apt-get", "purge", "-y", "containerd"}},
      Package{"dnf", {"dnf", "install", "-y", "containerd"}, {"dnf", "remove", "-y", "containerd"}},
      Package{"pacman",
              {"pacman", "-S", "--noconfirm", "containerd"},
              {"pacman", "-Rns", "--noconfirm", "containerd"}},
      Package{"apk", {"apk", "add", "containerd"}, {"apk", "del", "containerd"}}};
}

Result<Step> install(const ClusterFacts& facts) {
  for (const Package& package : packages()) {
    if (package.manager != facts.package_manager) continue;
    return Step{kContainerdInstall, {package.install}, {package.remove}};
  }
  return unsupported(
      "containerd: not here, and none of apt-get, dnf, pacman and apk either, which could bring "
      "it: install it, then run this again");
}

Step disable(const std::string& unit, ServiceManager manager) {
  if (manager == ServiceManager::kSystemd) {
    return {"disable-" + unit,
            {{"systemctl", "disable", "--now", unit}},
            {{"systemctl", "enable", "--now", unit}}};
  }
  const std::string name = unit.substr(0, unit.find('.'));
  return {"disable-" + unit,
          {{"rc-service", name, "stop"}, {"rc-update", "del", name, "default"}},
          {{"rc-update", "add", name, "default"}, {"rc-service", name, "start"}}};
}

// k0s's network puts its plug-ins into /opt/cni/bin; distributions look elsewhere. The cgroup
// driver must be the kubelet's (k0s.cpp).
std::string containerd_config(ServiceManager manager) {
  return fmt::format(
      "# Written by `samovar cluster up`; `samovar cluster down` puts back what was here.\n"
      "version = 2\n\n"
      "[plugins.\"io.containerd.grpc.v1.cri\".cni]\n"
      "  bin_dir = \"/opt/cni/bin\"\n"
      "  conf_dir = \"/etc/cni/net.d\"\n\n"
      "[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\n"
      "  runtime_type = \"io.containerd.runc.v2\"\n"
      "  [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\n"
      "    SystemdCgroup = {}\n",
      manager == ServiceManager::kSystemd);
}

// Only where it runs: the next change starts it where it does not.
Arguments restart(ServiceManager manager) {
  if (manager == ServiceManager::kSystemd)
    return {"systemctl", "try-restart", "containerd.service"};
  return {"rc-service", "--ifstarted", "containerd", "restart"};
}

}  // namespace

Result<std::vector<host::ChangePointer>> containerd_changes(const ClusterFacts& facts,
                                                            const std::string& socket) {
  const ServiceManager manager = facts.service_manager;
  std::vector<host::ChangePointer> changes;
  if (facts.offers_containerd) {
    SAMOVAR_ASSIGN(Step step, install(facts));
    changes.push_back(host::make_step_change(std::move(step)));
  }
  for (const std::string& unit : facts.rivals) {
    changes.push_back(host::make_step_change(disable(unit, manager)));
  }
  changes.push_back(host::make_file_change(
      {"/etc/containerd/config.toml", containerd_config(manager), false, restart(manager)}));
  host::append(changes, host::enable_changes("containerd", socket, manager));
  return changes;
}

}  // namespace samovar::cluster
