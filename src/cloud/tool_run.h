// tool_run(): another program in the foreground, with a text on its standard input.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"

#include <string>
#include <vector>

namespace samovar::cloud {

// Looks the program up in PATH; output goes where ours goes, or to `output_fd` where that is one
// (BORROWED). `input`: at most 60 KiB, never an argument. kNotFound if there is no such program;
// kInternal when it fails.
Status tool_run(const std::vector<std::string>& arguments, const Secret& input = {},
                int output_fd = -1);

}  // namespace samovar::cloud
