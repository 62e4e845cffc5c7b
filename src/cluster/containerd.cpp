#include "cluster/containerd.h"

#include "host/services.h"

#include <array>

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

using host::Arguments;
using host::ServiceManager;
using host::Step;

struct Packager {
  std::string_view name;
  Arguments install;
  // Fails, and removes nothing, while packages that came later need these; `apt-get purge` and
  // `dnf remove` would take those with them.
  Arguments remove;
  bool brings_runc;      // by itself, and takes it away again
  Arguments more = {};   // packages besides containerd
  Arguments after = {};  // tells whether the removal did anything; empty: its exit code does
};

std::array<Packager, 4> packagers() {
  return {
      Packager{"apt-get",
               {"apt-get", "install", "-y", "--no-install-recommends"},
               {"dpkg", "--purge"},
               false},
      Packager{"dnf", {"dnf", "install", "-y"}, {"rpm", "-e"}, false},
      Packager{"pacman", {"pacman", "-S", "--noconfirm"}, {"pacman", "-Rns", "--noconfirm"}, true},
      Packager{"apk",
               {"apk", "add"},
               {"apk", "del"},
               true,
               {"containerd-ctr"},
               {"test", "!", "-e", "/usr/bin/containerd"}}};
}

Result<Step> install(const ClusterFacts& facts) {
  for (const Packager& packager : packagers()) {
    if (packager.name != facts.package_manager) continue;
    Arguments packages{"containerd"};
    if (!packager.brings_runc && !facts.has_runc) packages.emplace_back("runc");
    packages.insert(packages.end(), packager.more.begin(), packager.more.end());
    Step step{kContainerdInstall, {packager.install}, {packager.remove}};
    for (auto* commands : {&step.apply, &step.undo}) {
      commands->front().insert(commands->front().end(), packages.begin(), packages.end());
    }
    if (!packager.after.empty()) step.undo.push_back(packager.after);
    step.undo.push_back({"rm", "-rf", "/var/lib/containerd"});
    return step;
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
  if (facts.offers_cni) {
    changes.push_back(host::make_step_change({.name = kCni,
                                              .apply = {{"mkdir", "-p", "/opt/cni/bin"}},
                                              .undo = {{"rm", "-rf", "/opt/cni"}},
                                              .evidence = "/opt/cni/bin"}));
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
