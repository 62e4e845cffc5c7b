// LayerFile: a layer as registries keep it, in a file without a name: gzip, hashed as it is
// written.
//
// A layer that is packed already is kept as it is. OWNS the file, which is gone when the program
// ends, however it ends. Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/archive_reader.h"
#include "store/digest.h"

#include <cstdint>
#include <string>

namespace samovar::cloud {

class LayerFile {
 public:
  // Of the member that `tar` has come to. `folder` must have room for `size_bytes`:
  // kResourceExhausted says how much is missing; kUnsupported: packed otherwise.
  static Result<LayerFile> pack(store::ArchiveReader& tar, uint64_t size_bytes,
                                const std::string& folder);
  LayerFile(LayerFile&& other) noexcept;
  LayerFile& operator=(LayerFile&&) = delete;
  ~LayerFile();

  int fd() const { return fd_; }
  uint64_t size_bytes() const { return size_bytes_; }
  const store::Digest& digest() const { return digest_; }

 private:
  LayerFile(int fd, uint64_t size_bytes, const store::Digest& digest)
      : fd_(fd), size_bytes_(size_bytes), digest_(digest) {}

  int fd_;
  uint64_t size_bytes_;
  store::Digest digest_;
};

}  // namespace samovar::cloud
