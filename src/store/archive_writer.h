// ArchiveWriter: a tar file, member after member.
//
// THREAD: one. BORROWS nothing; the sink gets the bytes and its errors end the writing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/archive_reader.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace samovar::store {

class ArchiveWriter {
 public:
  static Result<ArchiveWriter> begin(ByteSink sink);

  // All belong to root and are of the year 1970: the same content is the same archive.
  Status add_text(const std::string& name, std::string_view text, int mode = 0644);
  Status add_folder(const std::string& name, int mode, int owner = 0);
  Status add_link(const std::string& name, const std::string& target);
  // Begins a file of `size_bytes`; as many must follow by append().
  Status begin_file(const std::string& name, uint64_t size_bytes, int mode = 0644);
  Status append(std::span<const std::byte> bytes);
  // The end of the archive; without it, it is broken.
  Status finish();

 private:
  struct State;
  struct Close {
    void operator()(State* state) const;
  };
  explicit ArchiveWriter(std::unique_ptr<State, Close> state) : state_(std::move(state)) {}
  Status check(int code) const;

  std::unique_ptr<State, Close> state_;
};

}  // namespace samovar::store
