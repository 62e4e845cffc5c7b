// What /proc/swaps says: where this machine swaps to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "host/machine.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::host {

struct SwapArea {
  std::string device;  // "/dev/sda2", "/swapfile"
  uint64_t size_bytes = 0;
  int64_t priority = 0;  // the highest is filled first

  bool is_zram() const { return device.starts_with("/dev/zram"); }
};

// In the file's order; empty without the file. kCorrupt for a line that is none.
Result<std::vector<SwapArea>> read_swaps(const Machine& machine);

// The systemd unit of a swap area, by the escaping of systemd.unit(5): "/dev/sda2" is
// "dev-sda2.swap".
std::string swap_unit(std::string_view device);

}  // namespace samovar::host
