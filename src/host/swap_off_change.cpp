// SwapOffChange: one swap area no longer used.
// SPDX-License-Identifier: Apache-2.0
#include "host/change.h"
#include "host/swaps.h"
#include "json/json.h"

#include <algorithm>
#include <optional>

namespace samovar::host {
namespace {

class SwapOffChange final : public Change {
 public:
  explicit SwapOffChange(std::string device) : device_(std::move(device)) {}

  std::string name() const override { return command_line({"swapoff", device_}); }
  std::string describe() const override { return command_line({"swapoff", device_}) + "\n"; }

  Result<bool> holds(const Machine& machine) const override {
    SAMOVAR_ASSIGN(const auto area, find(machine));
    return !area.has_value();
  }

  Result<json::Value> before(const Machine& machine) const override {
    SAMOVAR_ASSIGN(const auto area, find(machine));
    return json::Value{{"priority", area ? json::Value(area->priority) : json::Value()}};
  }

  Status apply(const Machine& machine) const override {
    return machine.run({"swapoff", device_}).status();
  }

  Status undo(const Machine& machine, const json::Value& before) const override {
    const json::Value& priority = before.at("priority");
    SAMOVAR_ASSIGN(const auto area, find(machine));
    if (priority.is_null() || area) return {};
    Arguments arguments{"swapon"};
    // Below zero the kernel has chosen it, and will choose again. BusyBox knows -p alone.
    if (priority.get<int64_t>() >= 0) {
      arguments.insert(arguments.end(), {"-p", std::to_string(priority.get<int64_t>())});
    }
    arguments.push_back(device_);
    return machine.run(arguments).status();
  }

  json::Value to_json() const override { return {{"kind", "swap_off"}, {"device", device_}}; }

 private:
  Result<std::optional<SwapArea>> find(const Machine& machine) const {
    SAMOVAR_ASSIGN(const auto areas, read_swaps(machine));
    const auto area = std::find_if(areas.begin(), areas.end(),
                                   [&](const SwapArea& one) { return one.device == device_; });
    return area == areas.end() ? std::nullopt : std::optional(*area);
  }

  std::string device_;
};

}  // namespace

ChangePointer make_swap_off_change(std::string device) {
  return std::make_unique<SwapOffChange>(std::move(device));
}

}  // namespace samovar::host
