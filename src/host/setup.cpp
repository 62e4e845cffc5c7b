#include "host/setup.h"

#include "host/services.h"
#include "host/zram.h"
#include "sys/proc_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace samovar::host {
namespace {

constexpr std::pair<std::string_view, std::string_view> kSysctls[] = {
    {"net.bridge.bridge-nf-call-iptables", "1"},
    {"net.ipv4.ip_forward", "1"},
    {"net.bridge.bridge-nf-call-ip6tables", "1"},
};

ChangePointer load_module(const std::string& name, std::string evidence) {
  return make_command_change({"modprobe", name}, {"modprobe", "-r", name}, std::move(evidence));
}

// The lines of fstab that swap, as comments.
std::string without_swap(std::string_view fstab) {
  std::string out;
  while (!fstab.empty()) {
    const std::string_view line = fstab.substr(0, fstab.find('\n'));
    const auto cells = sys::words(line);
    const bool is_swap = cells.size() >= 3 && !cells[0].starts_with('#') && cells[2] == "swap";
    out += fmt::format("{}{}", is_swap ? "# samovar host: " : "", line);
    fstab.remove_prefix(line.size());
    if (!fstab.empty()) out += '\n', fstab.remove_prefix(1);
  }
  return out;
}

// Other swap, now and at the next start.
Changes swap_off(const HostFacts& facts) {
  Changes changes;
  for (const SwapArea& area : facts.swaps) {
    if (area.device == facts.zram_device) continue;
    if (facts.service_manager == ServiceManager::kSystemd) {
      const std::string unit = swap_unit(area.device);
      changes.push_back(make_command_change({"systemctl", "mask", unit},
                                            {"systemctl", "unmask", unit},
                                            "/etc/systemd/system/" + unit));
    }
    changes.push_back(make_swap_off_change(area.device));
  }
  // systemd makes units of these lines, under names of their own (dev-disk-by\\x2duuid-...).
  const std::string fstab = without_swap(facts.fstab);
  if (fstab == facts.fstab) return changes;
  const bool systemd = facts.service_manager == ServiceManager::kSystemd;
  const Arguments reload = systemd ? Arguments{"systemctl", "daemon-reload"} : Arguments{};
  changes.push_back(make_file_change({"/etc/fstab", fstab, false, reload}));
  return changes;
}

Status check_zram(const HostFacts& facts, const SetupWishes& wishes) {
  if (!facts.own_swap_units.empty()) {
    const std::string& path = facts.own_swap_units.front();
    return busy(fmt::format(
        "{}: a swap unit of this machine's own: turn it off (systemctl disable --now {}), or leave "
        "swap as it is with --no-zram",
        path, path.substr(path.rfind('/') + 1)));
  }
  for (const SwapArea& area : facts.swaps) {
    if (!area.is_zram() || area.device == facts.zram_device) continue;
    return busy(
        fmt::format("{}: another program swaps to zram already (zram-generator, zram-tools?): "
                    "remove that, or leave zram to it with --no-zram",
                    area.device));
  }
  const auto& known = facts.zram_algorithms;
  if (known.empty() || std::count(known.begin(), known.end(), wishes.zram_algorithm) > 0) return {};
  return unsupported(fmt::format("--zram-algorithm {}: this kernel has {}", wishes.zram_algorithm,
                                 fmt::join(known, ", ")));
}

Result<Changes> zram(const HostFacts& facts, const SetupWishes& wishes) {
  SAMOVAR_TRY(check_zram(facts, wishes));
  Changes changes = swap_off(facts);
  changes.push_back(load_module("zram", "/sys/class/zram-control"));
  const ZramSwap swap{wishes.zram_bytes > 0 ? wishes.zram_bytes : facts.memory_bytes,
                      wishes.zram_algorithm};
  if (facts.service_manager == ServiceManager::kNone) {
    changes.push_back(make_zram_change(swap));
    return changes;
  }
  const Service service{
      "samovar-zram",
      "Swap in compressed memory",
      {wishes.program, "host", "zram", "on", "--size", std::to_string(swap.size_bytes),
       "--algorithm", swap.algorithm, "--priority", std::to_string(swap.priority)},
      {wishes.program, "host", "zram", "off"},
      kZramMark};
  SAMOVAR_ASSIGN(Changes more, service_changes(service, facts.service_manager));
  append(changes, std::move(more));
  return changes;
}

// As a word of a line that is no comment.
bool names_host(std::string_view hosts, std::string_view hostname) {
  for (std::string_view line : sys::split(hosts, '\n')) {
    const auto words = sys::words(line.substr(0, line.find('#')));
    if (std::count(words.begin(), words.end(), hostname) > 0) return true;
  }
  return false;
}

Changes kubernetes(const HostFacts& facts) {
  Changes changes;
  changes.push_back(load_module("br_netfilter", "/proc/sys/net/bridge"));
  std::string lines;
  for (const auto& [key, value] : kSysctls) lines += fmt::format("{} = {}\n", key, value);
  changes.push_back(make_file_change({"/etc/sysctl.d/99-samovar-kubernetes.conf", lines}));
  for (const auto& [key, value] : kSysctls) {
    changes.push_back(make_sysctl_change(std::string(key), std::string(value)));
  }
  if (!facts.hostname.empty() && !names_host(facts.hosts, facts.hostname)) {
    changes.push_back(
        make_line_change("/etc/hosts", fmt::format("127.0.0.1 localhost {}", facts.hostname)));
  }
  return changes;
}

// Homes are closed to other users on many distributions, and the server is no user's.
Status check_outside_homes(const std::string& path) {
  constexpr std::string_view kHomes[] = {"/home", "/root"};
  const bool in_home = std::any_of(std::begin(kHomes), std::end(kHomes), [&](auto folder) {
    return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
  });
  if (!in_home) return {};
  return invalid_argument(
      fmt::format("--serve: {}: the service runs as a user of its own, which can't read what lies "
                  "in a home; put it elsewhere (`make install` puts the program into /usr/local)",
                  path));
}

Result<Service> server(const HostFacts& facts, const SetupWishes& wishes) {
  if (facts.service_manager == ServiceManager::kNone) {
    return unsupported(
        "--serve: neither systemd nor OpenRC runs here; start `samovar serve` yourself");
  }
  SAMOVAR_TRY(check_outside_homes(wishes.program));
  SAMOVAR_TRY(check_outside_homes(wishes.serve));
  Service service{"samovar", "LLM server", {wishes.program, "serve"}};
  if (!wishes.serve.starts_with('/')) service.start.emplace_back("--pull");
  service.start.push_back(wishes.serve);
  return service;
}

}  // namespace

Result<Changes> setup_changes(const HostFacts& facts, const SetupWishes& wishes) {
  Changes changes;
  std::string modules;
  if (wishes.zram) {
    SAMOVAR_ASSIGN(Changes more, zram(facts, wishes));
    append(changes, std::move(more));
    modules += "zram\n";
  }
  if (wishes.kubernetes) {
    append(changes, kubernetes(facts));
    modules += "br_netfilter\n";
  }
  if (!modules.empty()) {
    changes.push_back(make_file_change({"/etc/modules-load.d/samovar.conf", modules}));
  }
  if (wishes.serve.empty()) return changes;
  SAMOVAR_ASSIGN(const Service service, server(facts, wishes));
  SAMOVAR_ASSIGN(Changes more, service_changes(service, facts.service_manager));
  append(changes, std::move(more));
  return changes;
}

}  // namespace samovar::host
