// HostFacts: what `samovar host` needs to know of a machine before it proposes changes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "host/machine.h"
#include "host/swaps.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace samovar::host {

enum class ServiceManager : uint8_t { kNone, kSystemd, kOpenRc };

struct HostFacts {
  ServiceManager service_manager = ServiceManager::kNone;
  uint64_t memory_bytes = 0;
  std::string hostname;
  std::string hosts;                         // the text of /etc/hosts
  std::string fstab;                         // of /etc/fstab
  std::vector<SwapArea> swaps;               // those in use
  std::vector<std::string> own_swap_units;   // files of units for them that nobody has masked
  std::optional<std::string> zram_device;    // ours
  std::vector<std::string> zram_algorithms;  // empty: can't be seen yet
};

Result<HostFacts> read_facts(const Machine& machine);

}  // namespace samovar::host
