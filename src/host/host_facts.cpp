#include "host/host_facts.h"

#include "host/zram.h"
#include "sys/proc_text.h"

namespace samovar::host {
namespace {

ServiceManager find_service_manager(const Machine& machine) {
  if (machine.exists("/run/systemd/system")) return ServiceManager::kSystemd;
  if (machine.exists("/run/openrc/softlevel")) return ServiceManager::kOpenRc;
  return ServiceManager::kNone;
}

Result<std::string> text_of(const Machine& machine, const std::string& path) {
  SAMOVAR_ASSIGN(auto text, machine.read(path));
  return std::move(text).value_or("");
}

}  // namespace

Result<HostFacts> read_facts(const Machine& machine) {
  HostFacts facts;
  facts.service_manager = find_service_manager(machine);
  SAMOVAR_ASSIGN(const std::string memory, text_of(machine, "/proc/meminfo"));
  facts.memory_bytes = sys::field_u64(memory, "MemTotal").value_or(0) * 1024;
  SAMOVAR_ASSIGN(facts.hostname, text_of(machine, "/proc/sys/kernel/hostname"));
  while (facts.hostname.ends_with('\n')) facts.hostname.pop_back();
  SAMOVAR_ASSIGN(facts.hosts, text_of(machine, "/etc/hosts"));
  SAMOVAR_ASSIGN(facts.fstab, text_of(machine, "/etc/fstab"));
  SAMOVAR_ASSIGN(facts.swaps, read_swaps(machine));
  for (const SwapArea& area : facts.swaps) {
    const std::string unit = "/etc/systemd/system/" + swap_unit(area.device);
    SAMOVAR_ASSIGN(const std::string text, text_of(machine, unit));
    if (!text.empty()) facts.own_swap_units.push_back(unit);  // a masked one is empty
  }
  SAMOVAR_ASSIGN(facts.zram_device, zram_device(machine));
  facts.zram_algorithms = zram_algorithms(machine);
  return facts;
}

}  // namespace samovar::host
