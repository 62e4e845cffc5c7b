// ByteReader: a cursor over untrusted little-endian bytes that cannot read past their end.
//
// Every read returns false (and leaves the cursor where it was) when fewer bytes are left than
// asked. BORROWS the bytes. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace samovar {

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  size_t offset() const { return offset_; }                // B from the start
  size_t left() const { return bytes_.size() - offset_; }  // B

  template <class T>
  requires std::is_trivially_copyable_v<T>
  bool read(T& out) {
    static_assert(std::endian::native == std::endian::little);
    if (left() < sizeof(T)) return false;
    std::memcpy(&out, bytes_.data() + offset_, sizeof(T));
    offset_ += sizeof(T);
    return true;
  }

  bool read_span(uint64_t n_bytes, std::span<const std::byte>& out) {
    if (n_bytes > left()) return false;
    out = bytes_.subspan(offset_, static_cast<size_t>(n_bytes));
    offset_ += static_cast<size_t>(n_bytes);
    return true;
  }

  bool skip(uint64_t n_bytes) {
    std::span<const std::byte> unused;
    return read_span(n_bytes, unused);
  }

 private:
  std::span<const std::byte> bytes_;
  size_t offset_ = 0;
};

}  // namespace samovar
