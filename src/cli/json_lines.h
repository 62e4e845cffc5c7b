// stdin to stdout, line by line: the frame of the debug commands.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <functional>
#include <string>
#include <string_view>

namespace samovar::cli {

// Gives each line of standard input to `answer` and writes what it returns as one line.
Status answer_lines(const std::function<std::string(std::string_view line)>& answer);

}  // namespace samovar::cli
