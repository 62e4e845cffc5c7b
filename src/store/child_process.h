// ChildProcess: a program started without a shell, its output in a file.
//
// OWNS the process: destroyed while it runs, it is ended and reaped. THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace samovar::store {

class ChildProcess {
 public:
  struct Command {
    std::vector<std::string> arguments;  // the program first; looked up in PATH
    std::vector<std::pair<std::string, std::string>> environment;  // over the inherited one
    std::string output_path;                                       // stdout and stderr go there
    bool own_session = false;                                      // no terminal's signals reach it
  };
  // kNotFound if there is no such program.
  static Result<ChildProcess> start(const Command& command);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  // RETURNS true once it has ended; exit_code() is meaningful then.
  bool ended();
  int exit_code() const { return exit_code_; }  // 128 + signal if it was killed
  pid_t pid() const { return pid_; }            // -1 once it has ended
  // Leaves it running; whoever adopts it reaps it.
  void release() { pid_ = -1; }

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_;  // -1 once reaped
  int exit_code_ = -1;
};

}  // namespace samovar::store
