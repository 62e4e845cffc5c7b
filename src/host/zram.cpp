#include "host/zram.h"

#include "sys/proc_text.h"

#include <fmt/format.h>

namespace samovar::host {
namespace {

constexpr char kControl[] = "/sys/class/zram-control";
constexpr char kOurs[] = "/run/samovar/zram";

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

std::string setting(std::string_view number, std::string_view name) {
  return fmt::format("/sys/block/zram{}/{}", number, name);
}

Status swap_to(const Machine& machine, std::string_view number, const ZramSwap& swap) {
  SAMOVAR_TRY(machine.poke(setting(number, "comp_algorithm"), swap.algorithm));
  SAMOVAR_TRY(machine.poke(setting(number, "disksize"), std::to_string(swap.size_bytes)));
  const std::string device = fmt::format("/dev/zram{}", number);
  SAMOVAR_TRY(machine.run({"mkswap", device}).status());
  return machine.run({"swapon", "--priority", std::to_string(swap.priority), device}).status();
}

}  // namespace

Result<std::optional<std::string>> zram_device(const Machine& machine) {
  SAMOVAR_ASSIGN(const auto number, machine.read(kOurs));
  if (!number) return std::optional<std::string>();
  return std::optional(fmt::format("/dev/zram{}", first_line(*number)));
}

std::vector<std::string> zram_algorithms(const Machine& machine) {
  const auto listed = machine.read(setting("0", "comp_algorithm"));
  std::vector<std::string> names;
  if (!listed.ok() || !listed.value()) return names;
  for (std::string_view name : sys::split(first_line(*listed.value()), ' ')) {
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    names.emplace_back(name);
  }
  return names;
}

Status zram_on(const Machine& machine, const ZramSwap& swap) {
  SAMOVAR_ASSIGN(const auto present, zram_device(machine));
  if (present) return {};
  SAMOVAR_ASSIGN(const auto added, machine.read(std::string(kControl) + "/hot_add"));
  if (!added) {
    return unsupported(fmt::format(
        "{}: not there: this kernel has no zram, or its module is not loaded (modprobe zram)",
        kControl));
  }
  const std::string number(first_line(*added));
  SAMOVAR_TRY(machine.write(kOurs, number + "\n"));
  const Status status = swap_to(machine, number, swap);
  if (!status.ok()) zram_off(machine).ignore("the first error is the one to tell");
  return status;
}

Status zram_off(const Machine& machine) {
  SAMOVAR_ASSIGN(const auto device, zram_device(machine));
  if (!device) return {};
  SAMOVAR_ASSIGN(const auto swaps, machine.read("/proc/swaps"));
  if (swaps && swaps->find(*device + " ") != std::string::npos) {
    SAMOVAR_TRY(machine.run({"swapoff", *device}).status());
  }
  const std::string number = device->substr(std::string_view("/dev/zram").size());
  if (machine.exists(setting(number, "reset"))) {
    SAMOVAR_TRY(machine.poke(setting(number, "reset"), "1"));
    SAMOVAR_TRY(machine.poke(std::string(kControl) + "/hot_remove", number));
  }
  SAMOVAR_TRY(machine.remove(kOurs));
  return machine.remove("/run/samovar");
}

}  // namespace samovar::host
