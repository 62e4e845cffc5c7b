// samovar host zram on|off: what the service of `samovar host setup` runs.
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "host/host_facts.h"
#include "host/zram.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class HostZram final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("action", &action_, "on or off");
    flags.add("--size", &size_bytes_, "bytes that go in, before compression (default: RAM)");
    flags.add("--algorithm", &swap_.algorithm, "lzo-rle, zstd, ... (default lzo-rle)");
    flags.add("--priority", &swap_.priority,
              "of swapon: the highest is filled first (default 100)");
  }

  Status run(const Environment& /*environment*/) override {
    if (!host::is_root()) return invalid_argument("changing this machine's swap takes root");
    const host::Machine machine = host::Machine::real();
    if (action_ == "off") return host::zram_off(machine);
    if (action_ != "on") {
      return invalid_argument(fmt::format("expected on or off, found '{}'", action_));
    }
    if (size_bytes_ < 0) {
      return invalid_argument(
          fmt::format("--size: expected at least 1 byte, found {}", size_bytes_));
    }
    SAMOVAR_ASSIGN(const host::HostFacts facts, host::read_facts(machine));
    swap_.size_bytes = size_bytes_ > 0 ? static_cast<uint64_t>(size_bytes_) : facts.memory_bytes;
    return host::zram_on(machine, swap_);
  }

 private:
  std::string action_;
  int64_t size_bytes_ = 0;
  host::ZramSwap swap_{0, "lzo-rle"};
};

}  // namespace

std::unique_ptr<Command> make_host_zram() {
  return std::make_unique<HostZram>();
}

}  // namespace samovar::cli
