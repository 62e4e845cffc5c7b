// parse(): argv to a filled subcommand. The folder's one unit with the command-line library.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/log.h"
#include "base/status.h"
#include "cli/command.h"

#include <memory>
#include <string>
#include <vector>

namespace samovar::cli {

struct Parsed {
  std::unique_ptr<Command> command;  // null when `help` is the answer
  std::string help;
  log::Options log;
  std::string log_note = {};  // what of --log-config means nothing here; empty: all means something
};

// `arguments` without the program's name. kInvalidArgument names the flag and the nearest known
// one.
Result<Parsed> parse(const std::vector<std::string>& arguments, const Environment& environment);

}  // namespace samovar::cli
