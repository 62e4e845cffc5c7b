// Whole-file reads and atomic writes: what other folders need of the file system.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace samovar::sys {

// The whole file as bytes; kTooLarge over max_bytes; `path` "-" reads standard input.
Result<std::string> read_file(const std::string& path, uint64_t max_bytes);

// Writes to a temporary file beside `path`, syncs it, renames it: `path` is old or new, never half.
Status write_file_atomic(const std::string& path, std::string_view bytes);

// Free bytes on the file system of `path` (of its nearest existing parent).
Result<uint64_t> free_disk_bytes(const std::string& path);

// OWNS a file being written: append() in order, commit() syncs and renames it to its final name;
// destroyed without commit(), it removes what was written, unless keep_partial() was called and
// there is something to keep.
class AtomicFile {
 public:
  // `partial_path` and `final_path` must be on one file system. Appends if partial_path exists.
  static Result<AtomicFile> open(std::string partial_path, std::string final_path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  uint64_t size_bytes() const { return size_bytes_; }
  Status append(std::span<const std::byte> bytes);  // kResourceExhausted on a full disk
  Status truncate(uint64_t size_bytes);
  Status commit();
  void keep_partial() { keep_partial_ = true; }

 private:
  AtomicFile() = default;
  int fd_ = -1;
  uint64_t size_bytes_ = 0;
  bool keep_partial_ = false;
  std::string partial_path_, final_path_;
};

}  // namespace samovar::sys
