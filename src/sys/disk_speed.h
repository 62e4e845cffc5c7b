// How fast a file comes from its disk, past the page cache.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstdint>
#include <string>

namespace samovar::sys {

// Bytes per second of reading up to max_bytes from the beginning of `path`. kUnsupported where the
// file system can't read past the page cache (tmpfs), errno's code for what can't be read.
Result<double> disk_bytes_per_second(const std::string& path, uint64_t max_bytes);

}  // namespace samovar::sys
