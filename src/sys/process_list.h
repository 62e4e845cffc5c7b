// Processes of this machine, by a variable of their environment.
//
// Thread: pure functions; what they see may have ended by the time they return.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::sys {

struct Process {
  int64_t pid = 0;
  int64_t started_unix_s = 0;                      // 0: unknown
  std::vector<std::string> arguments;              // the program first
  std::map<std::string, std::string> environment;  // as it was when the program began

  // What follows `flag` ("--port 8000" or "--port=8000"); empty if it is not there.
  std::string argument_of(std::string_view flag) const;
  // Of a variable; empty if it is not set.
  std::string variable(const std::string& name) const;
};

// The processes that began with `variable` ("NAME=value") in their environment, by pid. Those whose
// environment this user may not read are left out, and so are zombies. `proc`: where /proc is.
std::vector<Process> processes_with(std::string_view variable, const std::string& proc = "/proc");

}  // namespace samovar::sys
