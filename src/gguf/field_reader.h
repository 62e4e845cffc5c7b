// FieldReader: reads the fields of GGUF metadata one after the other and words the errors.
//
// Every failure says which record (file header, key, tensor) and field, at which byte, what was
// expected and what was found. Knows the limits; knows nothing of what the fields mean.
// BORROWS the bytes. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_reader.h"
#include "base/status.h"
#include "gguf/file.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace samovar::gguf {

// `name` in single quotes for a message: control and non-ASCII bytes as \xNN, cut after 64 bytes.
std::string quoted(std::string_view name);

class FieldReader {
 public:
  FieldReader(std::span<const std::byte> file, const Limits& limits);

  size_t offset() const { return reader_.offset(); }  // B from the start of the file
  size_t left() const { return reader_.left(); }      // B

  // Begins a record of the kind errors speak of ("key", "tensor") by reading its name: 1 to 65,535
  // bytes. Errors carry the name from then on.
  Status enter(std::string_view record, std::string_view& name);

  template <class T>
  Status read(std::string_view field, T& out) {
    start(field);
    return reader_.read(out) ? Status() : ends(sizeof out);
  }
  Status read_bytes(std::string_view field, uint64_t n_bytes, std::span<const std::byte>& out);
  // A u64 length and that many bytes; at most `max_bytes`.
  Status read_string(std::string_view field, uint64_t max_bytes, std::string_view& out);
  // A u64 count of records or elements of at least `min_bytes` each, checked against the bytes
  // left.
  Status read_count(std::string_view field, uint64_t min_bytes, uint64_t& out);

  // An error at the field read last: "key 'a.b', value type at byte 40: <problem>".
  Status error(Code code, std::string_view problem) const;

 private:
  void start(std::string_view field) { field_ = field, field_offset_ = reader_.offset(); }
  Status ends(uint64_t expected_bytes) const;

  ByteReader reader_;
  bool cut_by_limit_;  // the file is longer than the metadata limit
  std::string_view record_ = "header";
  std::string_view name_;
  std::string_view field_;
  size_t field_offset_ = 0;
};

}  // namespace samovar::gguf
