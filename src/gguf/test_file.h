// TestFile: a small GGUF file in parts, so that a test can break any one field before it is
// written.
//
// As made by default it is valid: two tensors, a key of every type, split keys absent.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::gguf {

// Little-endian bytes of `values`, one after the other.
template <class... T>
std::string le(const T&... values) {
  std::string bytes;
  const auto append = [&](const auto& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  (append(values), ...);
  return bytes;
}

// A GGUF string: u64 length and the bytes.
inline std::string str(std::string_view text) {
  return le(uint64_t{text.size()}) + std::string(text);
}

struct TestKey {
  std::string name;
  uint32_t type = 0;
  std::string payload;
  std::optional<uint64_t> name_length = std::nullopt;  // a lie about name.size()
};

// The payload of an array value.
inline std::string array(uint32_t element_type, uint64_t count, std::string_view elements) {
  return le(element_type, count) + std::string(elements);
}

struct TestTensor {
  std::string name;
  std::vector<uint64_t> dims;
  uint32_t type = 0;
  uint64_t offset = 0;
  std::optional<uint32_t> n_dims = std::nullopt;       // a lie about dims.size()
  std::optional<uint64_t> name_length = std::nullopt;  // a lie about name.size()
};

struct TestFile {
  std::string magic = "GGUF";
  uint32_t version = 3;
  std::optional<uint64_t> n_tensors = std::nullopt;  // lies about the sizes of the lists below
  std::optional<uint64_t> n_keys = std::nullopt;
  std::vector<TestKey> keys = {
      {"general.architecture", 8, str("llama")},
      {"u8", 0, le(uint8_t{200})},
      {"i8", 1, le(int8_t{-100})},
      {"u16", 2, le(uint16_t{60'000})},
      {"i16", 3, le(int16_t{-30'000})},
      {"u32", 4, le(uint32_t{4'000'000'000})},
      {"i32", 5, le(int32_t{-2'000'000'000})},
      {"f32", 6, le(0.5F)},
      {"bool", 7, le(uint8_t{1})},
      {"u64", 10, le(UINT64_MAX)},
      {"i64", 11, le(INT64_MIN)},
      {"f64", 12, le(0.1)},
      {"strings", 9, array(8, 2, str("one") + str(""))},
      {"floats", 9, array(6, 2, le(1.0F, 2.5F))},
      {"bools", 9, array(7, 2, le(uint8_t{0}, uint8_t{1}))},
      {"ints", 9, array(5, 2, le(int32_t{-1}, int32_t{7}))},
      {"empty", 9, array(4, 0, "")},
  };
  std::vector<TestTensor> tensors = {
      {"a.weight", {4, 2}, 0, 0},    // F32: 32 B
      {"b.weight", {32, 3}, 8, 32},  // Q8_0: 3 rows of 34 B
  };
  uint64_t alignment = 32;  // of the padding written, not a key
  size_t data_bytes = 32 + 102;

  std::string build() const {
    std::string bytes =
        magic + le(version, n_tensors.value_or(tensors.size()), n_keys.value_or(keys.size()));
    for (const TestKey& key : keys) {
      bytes +=
          le(key.name_length.value_or(key.name.size())) + key.name + le(key.type) + key.payload;
    }
    for (const TestTensor& tensor : tensors) {
      bytes += le(tensor.name_length.value_or(tensor.name.size())) + tensor.name;
      bytes += le(tensor.n_dims.value_or(static_cast<uint32_t>(tensor.dims.size())));
      for (const uint64_t dim : tensor.dims) bytes += le(dim);
      bytes += le(tensor.type, tensor.offset);
    }
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
    for (size_t i = 0; i < data_bytes; ++i) bytes += static_cast<char>(i);
    return bytes;
  }
};

// A copy on the heap that ends where the bytes end, so that ASan sees any read past them.
class ExactBytes {
 public:
  explicit ExactBytes(std::string_view bytes)
      : data_(new std::byte[bytes.size()]), size_bytes_(bytes.size()) {
    std::memcpy(data_.get(), bytes.data(), bytes.size());
  }
  std::span<const std::byte> span() const { return {data_.get(), size_bytes_}; }

 private:
  std::unique_ptr<std::byte[]> data_;
  size_t size_bytes_;
};

}  // namespace samovar::gguf
