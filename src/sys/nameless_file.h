// open_nameless(): a file that goes with its last descriptor.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <string>

namespace samovar::sys {

// A file in `folder` for reading and writing that has no name: it is gone when the program ends,
// however that happens. The caller OWNS the descriptor.
Result<int> open_nameless(const std::string& folder);

}  // namespace samovar::sys
