// Machine: the files and commands by which `samovar host` reads and changes a machine.
//
// The one place of this folder that touches anything: the rest decides. `root` is put before every
// path and commands go through `run`, so that tests work on a made-up tree with a recorder.
// THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::host {

// The program first; no shell reads them.
using Arguments = std::vector<std::string>;
// RETURNS what it printed; kNotFound without such a program, kInternal with its output when it
// fails.
using Runner = std::function<Result<std::string>(const Arguments&)>;

class Machine {
 public:
  Machine(std::string root, Runner run) : root_(std::move(root)), run_(std::move(run)) {}
  // This machine; commands as ordinary child processes.
  static Machine real();

  bool exists(const std::string& path) const;
  // Nothing if there is no such file.
  Result<std::optional<std::string>> read(const std::string& path) const;
  // A new file as replace() does it. One that is there is written in place: its owner, mode and
  // links stay, and /etc/hosts may be a mount of its own.
  Status write(const std::string& path, std::string_view text) const;
  // Old or new, never half; missing folders are made.
  Status replace(const std::string& path, std::string_view text) const;
  Status make_executable(const std::string& path) const;  // mode 0755
  // Into a file of /proc or /sys, in one write.
  Status poke(const std::string& path, std::string_view text) const;
  // A file, or a folder that is empty. No such file is fine.
  Status remove(const std::string& path) const;
  Result<std::string> run(const Arguments& arguments) const { return run_(arguments); }

 private:
  std::string root_;
  Runner run_;
};

// Whether this process may change the machine.
bool is_root();
// The absolute path of the program that runs.
Result<std::string> own_path();

// As a person would type it: arguments with blanks or signs of the shell in single quotes.
std::string command_line(const Arguments& arguments);

}  // namespace samovar::host
