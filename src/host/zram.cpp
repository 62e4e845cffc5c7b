#include "host/zram.h"

#include "sys/proc_text.h"

#include <fmt/format.h>

namespace samovar::host {
namespace {

constexpr char kControl[] = "/sys/class/zram-control";
constexpr std::string_view kDevices = "/dev/zram";
constexpr uint64_t kPageBytes = 4096;

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

std::string setting(std::string_view number, std::string_view name) {
  return fmt::format("/sys/block/zram{}/{}", number, name);
}

// "lzo [lzo-rle] zstd" -> "lzo-rle"; the whole of a text without brackets.
std::string_view chosen_algorithm(std::string_view listed) {
  const size_t open = listed.find('['), close = listed.find(']');
  if (open == listed.npos || close == listed.npos || close < open) return listed;
  return listed.substr(open + 1, close - open - 1);
}

Status swap_to(const Machine& machine, std::string_view number, const ZramSwap& swap) {
  SAMOVAR_TRY(machine.poke(setting(number, "comp_algorithm"), swap.algorithm));
  SAMOVAR_TRY(machine.poke(setting(number, "disksize"), std::to_string(swap.size_bytes)));
  const std::string device = fmt::format("{}{}", kDevices, number);
  SAMOVAR_TRY(machine.run({"mkswap", device}).status());
  return machine.run({"swapon", "-p", std::to_string(swap.priority), device}).status();
}

}  // namespace

Result<std::optional<std::string>> zram_device(const Machine& machine) {
  SAMOVAR_ASSIGN(const auto number, machine.read(kZramMark));
  if (!number) return std::optional<std::string>();
  return std::optional(fmt::format("{}{}", kDevices, first_line(*number)));
}

Result<bool> zram_holds(const Machine& machine, const ZramSwap& swap) {
  SAMOVAR_ASSIGN(const auto device, zram_device(machine));
  if (!device) return false;
  const std::string number = device->substr(kDevices.size());
  SAMOVAR_ASSIGN(const auto size, machine.read(setting(number, "disksize")));
  SAMOVAR_ASSIGN(const auto listed, machine.read(setting(number, "comp_algorithm")));
  if (!size || !listed) return false;
  const auto bytes = sys::parse_u64(first_line(*size));
  return bytes && *bytes >= swap.size_bytes && *bytes - swap.size_bytes < kPageBytes &&
         chosen_algorithm(first_line(*listed)) == swap.algorithm;
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
  SAMOVAR_TRY(machine.write(kZramMark, number + "\n"));
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
  const std::string number = device->substr(kDevices.size());
  if (machine.exists(setting(number, "reset"))) {
    SAMOVAR_TRY(machine.poke(setting(number, "reset"), "1"));
    SAMOVAR_TRY(machine.poke(std::string(kControl) + "/hot_remove", number));
  }
  SAMOVAR_TRY(machine.remove(kZramMark));
  return machine.remove("/run/samovar");
}

}  // namespace samovar::host
