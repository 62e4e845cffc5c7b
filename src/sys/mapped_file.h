// MappedFile: a read-only file mapping whose truncation by somebody else cannot kill the process.
//
// OWNS the mapping. Pages come from the shared page cache: clean, droppable, never copied.
// Thread: const after open().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace samovar::sys {

class MappedFile {
 public:
  // kNotFound, kInvalidArgument (directory, device, empty file), kInternal by errno.
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_bytes_}; }
  const std::string& path() const { return path_; }
  int64_t modified_unix_us() const { return modified_unix_us_; }

  // Bytes of the mapping that are in the page cache now (mincore).
  uint64_t resident_bytes() const;
  // Whether one page of each MiB is: a few hundred times faster to find out.
  bool seems_resident() const;

  // True once a read of this mapping hit bytes that the file no longer has (SIGBUS). The missing
  // pages read as zeros from then on; whoever uses the file must stop with an error. (The rest of
  // the last page that the file still has reads as zeros without a signal: that is not noticed.)
  bool damaged() const;

 private:
  MappedFile() = default;
  std::byte* data_ = nullptr;
  size_t size_bytes_ = 0;
  size_t watch_slot_ = 0;
  std::string path_;
  int64_t modified_unix_us_ = 0;
};

// Installs the SIGBUS handler behind damaged(). Call once in main, before threads start.
void install_sigbus_handler();

}  // namespace samovar::sys
