// ZramChange: a swap device in compressed memory, made at once.
// SPDX-License-Identifier: Apache-2.0
#include "host/change.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::host {
namespace {

class ZramChange final : public Change {
 public:
  explicit ZramChange(ZramSwap swap) : swap_(std::move(swap)) {}

  std::string name() const override {
    return fmt::format("{} bytes of swap in compressed memory ({})", swap_.size_bytes,
                       swap_.algorithm);
  }
  std::string describe() const override {
    return fmt::format(
        "N=$(cat /sys/class/zram-control/hot_add)\n"
        "echo {} > /sys/block/zram$N/comp_algorithm\n"
        "echo {} > /sys/block/zram$N/disksize\n"
        "mkswap /dev/zram$N\n"
        "swapon -p {} /dev/zram$N\n",
        swap_.algorithm, swap_.size_bytes, swap_.priority);
  }

  Result<bool> holds(const Machine& machine) const override { return zram_holds(machine, swap_); }

  Result<json::Value> before(const Machine& machine) const override {
    SAMOVAR_ASSIGN(const bool held, holds(machine));
    return json::Value{{"held", held}};
  }

  // A device of another size or algorithm is made anew: a swap of the kernel's can't be changed.
  Status apply(const Machine& machine) const override {
    SAMOVAR_TRY(zram_off(machine));
    return zram_on(machine, swap_);
  }

  Status undo(const Machine& machine, const json::Value& before) const override {
    return before.at("held").get<bool>() ? Status() : zram_off(machine);
  }

  json::Value to_json() const override {
    return {{"kind", "zram"},
            {"size_bytes", swap_.size_bytes},
            {"algorithm", swap_.algorithm},
            {"priority", swap_.priority}};
  }

 private:
  ZramSwap swap_;
};

}  // namespace

ChangePointer make_zram_change(ZramSwap swap) {
  return std::make_unique<ZramChange>(std::move(swap));
}

}  // namespace samovar::host
