// Swap in compressed memory: one zram device of ours, made, found again and removed.
//
// Its number is kept in /run, which a restart of the machine clears as it clears the device. Format
// of the files: Documentation/admin-guide/blockdev/zram.rst of the kernel. THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "host/machine.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace samovar::host {

struct ZramSwap {
  uint64_t size_bytes = 0;  // of what goes in, before compression
  std::string algorithm;    // "lzo-rle", "zstd", "lz4", ...
  int64_t priority = 100;   // of swapon(8): the highest is filled first
};

// Has the number of our device while there is one.
inline constexpr char kZramMark[] = "/run/samovar/zram";

// "/dev/zram1"; nothing while we have made none.
Result<std::optional<std::string>> zram_device(const Machine& machine);
// Whether our device is there with this size (the kernel rounds it up to whole pages) and
// algorithm.
Result<bool> zram_holds(const Machine& machine, const ZramSwap& swap);
// The kernel's algorithms for a device of ours to choose from, without making one: those of zram0,
// or empty if they can't be seen.
std::vector<std::string> zram_algorithms(const Machine& machine);
// Makes the device and swaps to it; fine if it is there. kUnsupported without the kernel's zram or
// for an algorithm it lacks. A step that fails takes back the ones before it.
Status zram_on(const Machine& machine, const ZramSwap& swap);
// Swaps in what is there, then removes the device; fine if there is none.
Status zram_off(const Machine& machine);

}  // namespace samovar::host
