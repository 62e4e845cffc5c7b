// SysctlChange: a setting of the running kernel.
// SPDX-License-Identifier: Apache-2.0
#include "host/change.h"
#include "json/json.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::host {
namespace {

class SysctlChange final : public Change {
 public:
  SysctlChange(std::string key, std::string value)
      : key_(std::move(key)), value_(std::move(value)), path_("/proc/sys/" + key_) {
    std::replace(path_.begin() + path_.rfind('/') + 1, path_.end(), '.', '/');
  }

  std::string name() const override { return fmt::format("sysctl {}={}", key_, value_); }
  std::string describe() const override { return fmt::format("sysctl -w {}={}\n", key_, value_); }

  Result<bool> holds(const Machine& machine) const override {
    SAMOVAR_ASSIGN(const std::string now, value(machine));
    return now == value_;
  }

  Result<json::Value> before(const Machine& machine) const override {
    SAMOVAR_ASSIGN(std::string now, value(machine));
    return json::Value{{"value", std::move(now)}};
  }

  Status apply(const Machine& machine) const override { return machine.poke(path_, value_); }

  // A setting that is gone went with the module that had it.
  Status undo(const Machine& machine, const json::Value& before) const override {
    if (!machine.exists(path_)) return {};
    SAMOVAR_ASSIGN(const std::string now, value(machine));
    const std::string old = before.at("value").get<std::string>();
    if (now == old) return {};
    if (now == value_) return machine.poke(path_, old);
    return busy(fmt::format("{}: somebody has set it to {} since; it is left so", key_, now));
  }

  json::Value to_json() const override {
    return {{"kind", "sysctl"}, {"key", key_}, {"value", value_}};
  }

 private:
  Result<std::string> value(const Machine& machine) const {
    SAMOVAR_ASSIGN(auto text, machine.read(path_));
    if (!text) {
      return unsupported(fmt::format("{}: this kernel has no such setting ({})", key_, path_));
    }
    while (text->ends_with('\n')) text->pop_back();
    return *std::move(text);
  }

  std::string key_;
  std::string value_;
  std::string path_;
};

}  // namespace

ChangePointer make_sysctl_change(std::string key, std::string value) {
  return std::make_unique<SysctlChange>(std::move(key), std::move(value));
}

}  // namespace samovar::host
