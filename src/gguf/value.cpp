// SPDX-License-Identifier: Apache-2.0
#include "gguf/value.h"

#include "base/check.h"
#include "base/checked.h"

#include <array>
#include <cstring>
#include <limits>

namespace samovar::gguf {
namespace {

constexpr std::array<std::string_view, 13> kNames = {
    "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64", "i64", "f64"};

template <class T>
T load(std::span<const std::byte> bytes, uint64_t i = 0) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
  return value;
}

// Element i of the integer or bool type `type`, if it is one and fits an Int.
template <class Int>
std::optional<Int> load_int(ValueType type, std::span<const std::byte> bytes, uint64_t i = 0) {
  switch (type) {
    case ValueType::kU8:
    case ValueType::kBool:
      return checked_cast<Int>(load<uint8_t>(bytes, i));
    case ValueType::kI8:
      return checked_cast<Int>(load<int8_t>(bytes, i));
    case ValueType::kU16:
      return checked_cast<Int>(load<uint16_t>(bytes, i));
    case ValueType::kI16:
      return checked_cast<Int>(load<int16_t>(bytes, i));
    case ValueType::kU32:
      return checked_cast<Int>(load<uint32_t>(bytes, i));
    case ValueType::kI32:
      return checked_cast<Int>(load<int32_t>(bytes, i));
    case ValueType::kU64:
      return checked_cast<Int>(load<uint64_t>(bytes, i));
    case ValueType::kI64:
      return checked_cast<Int>(load<int64_t>(bytes, i));
    case ValueType::kF32:
    case ValueType::kF64:
    case ValueType::kString:
    case ValueType::kArray:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::string_view value_type_name(ValueType type) {
  const auto id = static_cast<uint32_t>(type);
  return id < kNames.size() ? kNames[id] : "unknown";
}

size_t scalar_bytes(ValueType type) {
  switch (type) {
    case ValueType::kU8:
    case ValueType::kI8:
    case ValueType::kBool:
      return 1;
    case ValueType::kU16:
    case ValueType::kI16:
      return 2;
    case ValueType::kU32:
    case ValueType::kI32:
    case ValueType::kF32:
      return 4;
    case ValueType::kU64:
    case ValueType::kI64:
    case ValueType::kF64:
      return 8;
    case ValueType::kString:
    case ValueType::kArray:
      return 0;
  }
  return 0;
}

std::optional<int64_t> Value::as_int() const {
  if (type_ == ValueType::kBool) return std::nullopt;
  return load_int<int64_t>(type_, payload_);
}

std::optional<uint64_t> Value::as_uint() const {
  if (type_ == ValueType::kBool) return std::nullopt;
  return load_int<uint64_t>(type_, payload_);
}

std::optional<double> Value::as_float() const {
  if (type_ == ValueType::kF32) return load<float>(payload_);
  if (type_ == ValueType::kF64) return load<double>(payload_);
  if (const std::optional<int64_t> i = as_int()) return static_cast<double>(*i);
  if (const std::optional<uint64_t> u = as_uint()) return static_cast<double>(*u);
  return std::nullopt;
}

std::optional<bool> Value::as_bool() const {
  if (type_ != ValueType::kBool) return std::nullopt;
  return load<uint8_t>(payload_) != 0;
}

std::optional<std::string_view> Value::as_string() const {
  if (type_ != ValueType::kString) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(payload_.data()), payload_.size());
}

std::optional<std::vector<std::string_view>> Value::as_strings() const {
  if (!is_array() || element_type_ != ValueType::kString) return std::nullopt;
  std::vector<std::string_view> strings;
  strings.reserve(count_);
  std::span<const std::byte> rest = payload_;  // each: u64 length, bytes
  for (uint64_t i = 0; i < count_; ++i) {
    const auto n_bytes = load<uint64_t>(rest);
    rest = rest.subspan(sizeof n_bytes);
    strings.emplace_back(reinterpret_cast<const char*>(rest.data()), n_bytes);
    rest = rest.subspan(n_bytes);
  }
  return strings;
}

std::optional<std::vector<float>> Value::as_floats() const {
  const bool is_f32 = element_type_ == ValueType::kF32;
  if (!is_array() || (!is_f32 && element_type_ != ValueType::kF64)) return std::nullopt;
  std::vector<float> floats(count_);
  for (uint64_t i = 0; i < count_; ++i) {
    floats[i] = is_f32 ? load<float>(payload_, i) : static_cast<float>(load<double>(payload_, i));
  }
  return floats;
}

std::optional<std::vector<int64_t>> Value::as_ints() const {
  if (!is_array() || scalar_bytes(element_type_) == 0) return std::nullopt;
  std::vector<int64_t> ints(count_);
  for (uint64_t i = 0; i < count_; ++i) {
    const std::optional<int64_t> element = load_int<int64_t>(element_type_, payload_, i);
    if (!element) return std::nullopt;
    ints[i] = *element;
  }
  return ints;
}

}  // namespace samovar::gguf
