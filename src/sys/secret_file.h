// Files that nobody but their owner may read. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"
#include "sys/file.h"

#include <string>

namespace samovar::sys {

// An empty file of mode 0600 that gets its name at commit(); gone when it is not committed.
Result<AtomicFile> create_secret_file(const std::string& path);
// Fills such a file, and gives it its name.
Status fill_secret_file(AtomicFile& file, const Secret& bytes);
// As write_file_atomic(), with mode 0600 from the first byte on.
Status write_secret_file(const std::string& path, const Secret& bytes);

}  // namespace samovar::sys
