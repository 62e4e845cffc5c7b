#include "api/go_duration.h"

#include <array>
#include <charconv>
#include <cmath>

namespace samovar::api {
namespace {

struct Unit {
  std::string_view name;
  double ns;
};
// Longer names before those they begin with.
constexpr std::array kUnits = {
    Unit{"ns", 1},   Unit{"us", 1e3}, Unit{"\xC2\xB5s", 1e3}, Unit{"\xCE\xBCs", 1e3},
    Unit{"ms", 1e6}, Unit{"s", 1e9},  Unit{"m", 60e9},        Unit{"h", 3600e9},
};
constexpr double kLongest = 9.2e18;  // inside int64_t's range

const Unit* unit_at(std::string_view text) {
  for (const Unit& unit : kUnits) {
    if (text.starts_with(unit.name)) return &unit;
  }
  return nullptr;
}

}  // namespace

std::optional<int64_t> parse_go_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double total_ns = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || !(number >= 0)) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    const Unit* const unit = unit_at(text);
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(unit->name.size());
    total_ns += number * unit->ns;
  }
  if (!(total_ns < kLongest)) return std::nullopt;
  const auto ns = static_cast<int64_t>(std::llround(total_ns));
  return negative ? -ns : ns;
}

}  // namespace samovar::api
