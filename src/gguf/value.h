// Value: one GGUF metadata value, viewed in the file's bytes.
//
// Nothing is copied before it is asked for: a value is a view of its bytes, which the parser has
// validated. The copies below are bounded by those bytes. BORROWS the file's bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace samovar::gguf {

// Ids of the GGUF format.
enum class ValueType : uint32_t {
  kU8 = 0,
  kI8 = 1,
  kU16 = 2,
  kI16 = 3,
  kU32 = 4,
  kI32 = 5,
  kF32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kU64 = 10,
  kI64 = 11,
  kF64 = 12,
};
std::string_view value_type_name(ValueType type);  // "u32", "string", ...
size_t scalar_bytes(ValueType type);               // 0 for strings, arrays and unknown types

class Value {
 public:
  ValueType type() const { return type_; }
  bool is_array() const { return type_ == ValueType::kArray; }
  ValueType element_type() const { return element_type_; }  // of an array
  uint64_t size() const { return count_; }                  // elements of an array

  // Any integer type whose value fits (bool is none); nothing otherwise.
  std::optional<int64_t> as_int() const;
  std::optional<uint64_t> as_uint() const;
  // f32, f64 or any integer type.
  std::optional<double> as_float() const;
  std::optional<bool> as_bool() const;
  std::optional<std::string_view> as_string() const;

  // The bytes as they stand in the file: a scalar, a string without its length, or the elements.
  std::span<const std::byte> payload() const { return payload_; }

  // Copies of the elements; nothing if the elements have another type.
  std::optional<std::vector<std::string_view>> as_strings() const;
  std::optional<std::vector<float>> as_floats() const;  // f32 or f64 elements
  std::optional<std::vector<int64_t>> as_ints() const;  // any integer or bool elements

 private:
  friend class Parser;
  ValueType type_ = ValueType::kU8;
  ValueType element_type_ = ValueType::kU8;
  uint64_t count_ = 0;                  // array elements
  std::span<const std::byte> payload_;  // the value's bytes, already validated
};

}  // namespace samovar::gguf
