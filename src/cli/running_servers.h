// RunningServers: which samovar servers run on this machine, for `ps` and `kill`.
//
// Each server writes STATE_DIR/servers/PID.json and holds PID.lock beside it for as long as it
// lives, so a record whose lock is free belongs to a dead server and is removed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/file_lock.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace samovar::cli {

struct ServerRecord {
  int64_t pid = 0;
  std::string model;
  std::string url;  // "http://127.0.0.1:8080"
  int64_t started_unix_s = 0;
};

// OWNS the record of this process; gone when destroyed or when the process dies.
class ServerRegistration {
 public:
  static Result<ServerRegistration> create(const std::string& state_dir,
                                           const ServerRecord& record);
  ServerRegistration(ServerRegistration&& other) noexcept = default;
  ServerRegistration& operator=(ServerRegistration&&) = delete;
  ~ServerRegistration();

 private:
  ServerRegistration(std::string stem, store::FileLock lock)
      : stem_(std::make_unique<std::string>(std::move(stem))), lock_(std::move(lock)) {}
  std::unique_ptr<std::string> stem_;  // path without ".json"; null once moved from
  store::FileLock lock_;
};

// The living servers, oldest first.
Result<std::vector<ServerRecord>> running_servers(const std::string& state_dir);

}  // namespace samovar::cli
