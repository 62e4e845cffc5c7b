#include "host/swaps.h"

#include "sys/proc_text.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace samovar::host {
namespace {

constexpr size_t kColumns = 5;  // Filename, Type, Size (KiB), Used (KiB), Priority

std::optional<SwapArea> parse_area(std::string_view line) {
  const auto cells = sys::words(line);
  if (cells.size() != kColumns) return std::nullopt;
  const auto size_kib = sys::parse_u64(cells[2]);
  SwapArea area{std::string(cells[0]), size_kib.value_or(0) * 1024, 0};
  const std::string_view priority = cells[4];
  const auto [end, error] =
      std::from_chars(priority.data(), priority.data() + priority.size(), area.priority);
  if (!size_kib || error != std::errc() || end != priority.data() + priority.size()) {
    return std::nullopt;
  }
  return area;
}

}  // namespace

Result<std::vector<SwapArea>> read_swaps(const Machine& machine) {
  SAMOVAR_ASSIGN(const auto text, machine.read("/proc/swaps"));
  std::vector<SwapArea> areas;
  if (!text) return areas;
  auto lines = sys::split(*text, '\n');
  if (!lines.empty()) lines.erase(lines.begin());  // the titles
  for (const std::string_view line : lines) {
    const auto area = parse_area(line);
    if (!area) {
      return corrupt(
          fmt::format("/proc/swaps: expected name, type, size, used, priority, found '{}'", line));
    }
    areas.push_back(*area);
  }
  return areas;
}

std::string swap_unit(std::string_view device) {
  std::string unit;
  while (device.starts_with('/')) device.remove_prefix(1);
  for (const char c : device) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == ':' || c == '_' || (c == '.' && !unit.empty());
    if (c == '/') {
      unit += '-';
    } else if (plain) {
      unit += c;
    } else {
      unit += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return unit + ".swap";
}

}  // namespace samovar::host
