#include "cluster/facts.h"

#include "cluster/containerd.h"
#include "cluster/k0s.h"
#include "cluster/kubectl.h"
#include "host/change.h"

namespace samovar::cluster {
namespace {

using host::Machine;

// In the order in which they are turned off: a socket starts its service again.
constexpr std::string_view kRivals[] = {"crio.service", "docker.socket", "docker.service"};
constexpr std::string_view kPackageManagers[] = {"apt-get", "dnf", "pacman", "apk"};

bool is_enabled(const Machine& machine, std::string_view unit) {
  const std::string target = unit.ends_with(".socket") ? "sockets" : "multi-user";
  const std::string name(unit.substr(0, unit.find('.')));
  return machine.exists("/etc/systemd/system/" + target + ".target.wants/" + std::string(unit)) ||
         (unit.ends_with(".service") && machine.exists("/etc/runlevels/default/" + name));
}

bool is_one(const Machine& machine, const std::string& path) {
  const auto text = machine.read(path);
  return text.ok() && *text && (*text)->starts_with('1');
}

bool has_program(const Machine& machine, const std::string& name) {
  for (const char* folder : {"/usr/bin/", "/usr/local/bin/", "/usr/sbin/", "/sbin/"}) {
    if (machine.exists(folder + name)) return true;
  }
  return false;
}

bool has_k0s(const Machine& machine) {
  return has_program(machine, "k0s") ||
         machine.exists("/etc/systemd/system/k0scontroller.service") ||
         machine.exists("/etc/init.d/k0scontroller");
}

}  // namespace

Result<ClusterFacts> read_cluster_facts(const Machine& machine) {
  SAMOVAR_ASSIGN(const host::HostFacts host, host::read_facts(machine));
  ClusterFacts facts;
  facts.service_manager = host.service_manager;
  facts.memory_bytes = host.memory_bytes;
  for (const host::SwapArea& area : host.swaps) {
    facts.swap_bytes += area.size_bytes;
    if (area.is_zram()) facts.zram_bytes += area.size_bytes;
  }
  facts.node = host.hostname;
  for (char& c : facts.node) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  facts.is_host = is_one(machine, "/proc/sys/net/ipv4/ip_forward") &&
                  is_one(machine, "/proc/sys/net/bridge/bridge-nf-call-iptables");
  facts.offers_containerd =
      !has_program(machine, "containerd") || machine.exists(host::step_mark(kContainerdInstall));
  facts.has_runc = has_program(machine, "runc");
  facts.offers_cni = !machine.exists("/opt/cni") || machine.exists(host::step_mark(kCni));
  facts.has_curl = has_program(machine, "curl");
  const bool is_ours = machine.exists(host::step_mark(kK0sDownload));
  facts.has_foreign_k0s = !is_ours && has_k0s(machine);
  facts.has_our_k0s = machine.exists(host::step_mark(kK0sInstall));
  facts.runs_k0s = machine.exists(kK0sSocket);
  for (const std::string_view name : kPackageManagers) {
    if (facts.package_manager.empty() && has_program(machine, std::string(name))) {
      facts.package_manager = name;
    }
  }
  for (const std::string_view unit : kRivals) {
    if (is_enabled(machine, unit)) facts.rivals.emplace_back(unit);
  }
  return facts;
}

}  // namespace samovar::cluster
