// FileLock: one process (or thread) at a time, through flock on a lock file.
//
// The kernel lets go when the holder ends, however it ends: there are no stale locks. The lock file
// stays; Hugging Face's own programs use the same files in the same way.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <optional>
#include <string>

namespace samovar::store {

class FileLock {
 public:
  // Nothing if another holds it.
  static Result<std::optional<FileLock>> try_acquire(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace samovar::store
