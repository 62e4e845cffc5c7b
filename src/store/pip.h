// Pip: wheels from a Python package index through pip, as the user has it set up (index, proxy,
// certificates). No package code runs: only wheels are taken and nothing is installed.
// THREAD: one; blocks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/meter.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace samovar::store {

class Pip {
 public:
  // `python3 -m pip`, else a pip of our own in a venv below `state_dir`. kNotFound names the
  // packages that are missing.
  static Result<Pip> find(const std::string& state_dir, Meter& meter);

  // The wheel of `requirement` ("name==version") as `wheel_path`, whole or not at all. `work_dir`
  // is made anew and removed; `on_bytes` gets the size of what has arrived, several times a second.
  Status download(const std::string& requirement, const std::string& wheel_path,
                  const std::string& work_dir,
                  const std::function<Status(uint64_t bytes)>& on_bytes) const;

 private:
  Status fetch_wheel(const std::string& requirement, const std::string& wheel_path,
                     const std::string& work_dir,
                     const std::function<Status(uint64_t bytes)>& on_bytes) const;
  explicit Pip(std::string python) : python_(std::move(python)) {}
  std::string python_;
};

}  // namespace samovar::store
