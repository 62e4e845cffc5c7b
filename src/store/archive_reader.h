// ArchiveReader: the members of a zip or tar file, one after the other.
//
// Names, sizes and targets come from the file: whoever uses them checks them. THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

struct archive;

namespace samovar::store {

using ByteSink = std::function<Status(std::span<const std::byte>)>;

class ArchiveReader {
 public:
  enum class Format : uint8_t { kZip, kTar };
  // `path` "-" reads standard input.
  static Result<ArchiveReader> open(const std::string& path, Format format);

  struct Member {
    std::string name;
    uint64_t size_bytes = 0;  // 0 where it is not told
    bool is_file = false;
    std::string link_target;  // of a symbolic link; else empty
  };
  // Nothing at the end; kCorrupt for what is no archive.
  Result<std::optional<Member>> next();
  // The bytes of the last member. kTooLarge beyond `max_bytes`; the sink's errors end it.
  Status read(uint64_t max_bytes, const ByteSink& sink);
  // The same as a text.
  Result<std::string> read_text(uint64_t max_bytes);

 private:
  struct Close {
    void operator()(archive* a) const;
  };
  ArchiveReader(archive* a, std::string path) : archive_(a), path_(std::move(path)) {}
  Status error(const char* fallback) const;

  std::unique_ptr<archive, Close> archive_;
  std::string path_;
};

}  // namespace samovar::store
