// DetachedServer: a server of ours that is started in the background, and its log.
//
// It has a session of its own, so that no terminal's signals reach it, and outlives whoever started
// it once released. OWNS the process until then. THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/child_process.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace samovar::cli {

class DetachedServer {
 public:
  struct Command {
    std::vector<std::string> arguments;                            // of this program
    std::vector<std::pair<std::string, std::string>> environment;  // over the inherited one
    // Gets all its output; ".new" at its end until release(), so that one that fails leaves the log
    // of a server that runs alone.
    std::string log_path;
  };
  static Result<DetachedServer> start(const Command& command);

  bool ended() { return child_.ended(); }
  // The whole lines that it has written since the last call.
  std::vector<std::string> new_lines();
  // Its last lines, whole or not.
  std::vector<std::string> last_lines(size_t n) const;
  // SIGTERM, and SIGKILL where that takes too long.
  void stop();
  // Leaves it running. An error where its log can't get its name.
  Status release();

 private:
  DetachedServer(store::ChildProcess child, std::string log_path, std::string final_log_path)
      : child_(std::move(child)),
        log_path_(std::move(log_path)),
        final_log_path_(std::move(final_log_path)) {}
  std::string log() const;

  store::ChildProcess child_;
  std::string log_path_, final_log_path_;
  size_t n_read_ = 0;  // B of the log that new_lines() has returned
};

}  // namespace samovar::cli
