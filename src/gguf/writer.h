// Writer: makes a GGUF v3 file. Describe keys and tensors, begin(), stream the data, finish().
//
//   Writer writer;
//   writer.add("general.architecture", "llama");
//   writer.add_tensor("output.weight", DType::kF32, {64, 32});
//   SAMOVAR_TRY(writer.begin(path));
//   SAMOVAR_TRY(writer.append(bytes));  // of the tensors in the order they were added
//   SAMOVAR_TRY(writer.finish());       // only now the file has its name
//
// For tools and tests; what it writes, File reads. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/value.h"
#include "sys/file.h"
#include "tensor/dtype.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::gguf {

template <class T, class... Types>
concept OneOf = (std::same_as<T, Types> || ...);
template <class T>
concept Scalar = OneOf<T, uint8_t, int8_t, uint16_t, int16_t, uint32_t, int32_t, uint64_t, int64_t,
                       float, double, bool>;

template <Scalar T>
constexpr ValueType value_type_of() {
  if constexpr (std::same_as<T, bool>) return ValueType::kBool;
  if constexpr (std::same_as<T, float>) return ValueType::kF32;
  if constexpr (std::same_as<T, double>) return ValueType::kF64;
  constexpr bool is_signed = std::signed_integral<T>;
  if constexpr (sizeof(T) == 1) return is_signed ? ValueType::kI8 : ValueType::kU8;
  if constexpr (sizeof(T) == 2) return is_signed ? ValueType::kI16 : ValueType::kU16;
  if constexpr (sizeof(T) == 4) return is_signed ? ValueType::kI32 : ValueType::kU32;
  return is_signed ? ValueType::kI64 : ValueType::kU64;
}

class Writer {
 public:
  // REQUIRES: a power of two, 8 to 65536. Any but 32 is written as general.alignment.
  explicit Writer(uint32_t alignment = 32);

  // Keys, in file order. REQUIRES of all that follow until begin(): not begun; no name added twice.
  template <Scalar T>
  void add(std::string_view key, T value) {
    add_value(key, value_type_of<T>(), std::as_bytes(std::span(&value, 1)));
  }
  void add(std::string_view key, std::string_view value);
  void add(std::string_view key, const Value& value);  // copied from another file
  template <Scalar T>
  void add_array(std::string_view key, std::span<const T> values) {
    add_array(key, value_type_of<T>(), values.size(), std::as_bytes(values));
  }
  void add_array(std::string_view key, std::span<const std::string_view> values);

  // `dims` fastest first, 1 to 4. REQUIRES: dims[0] is a multiple of the type's block.
  void add_tensor(std::string_view name, DType dtype, std::span<const int64_t> dims);
  void add_tensor(std::string_view name, DType dtype, std::initializer_list<int64_t> dims) {
    add_tensor(name, dtype, std::span(dims.begin(), dims.size()));
  }

  // The metadata with its padding: all that stands before the tensor data.
  std::string metadata() const;

  Status begin(const std::string& path);
  // The next bytes of the current tensor, at most up to its end; padding is added at the end.
  Status append(std::span<const std::byte> bytes);
  // REQUIRES: every tensor was written whole.
  Status finish();

 private:
  struct TensorEntry {
    std::string name;
    DType dtype;
    std::vector<int64_t> dims;
    uint64_t size_bytes;
    uint64_t offset;  // B in the data section
  };

  void add_value(std::string_view key, ValueType type, std::span<const std::byte> payload);
  void add_array(std::string_view key, ValueType type, uint64_t count,
                 std::span<const std::byte> elements);
  uint64_t padding_after(uint64_t size_bytes) const;

  uint32_t alignment_;
  std::string keys_;  // encoded
  uint64_t n_keys_ = 0;
  std::vector<TensorEntry> tensors_;
  uint64_t data_bytes_ = 0;  // of the tensors so far, padding included

  std::optional<sys::AtomicFile> file_;
  size_t current_ = 0;            // tensor being written
  uint64_t current_written_ = 0;  // B of it
};

}  // namespace samovar::gguf
