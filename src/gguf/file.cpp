// SPDX-License-Identifier: Apache-2.0
#include "gguf/file.h"

#include "base/check.h"
#include "gguf/parser.h"

#include <cmath>
#include <utility>

namespace samovar::gguf {
namespace {

Status missing(std::string_view key) {
  return corrupt("key " + quoted(key) + ": is missing");
}

Status wrong_type(std::string_view key, std::string_view expected, const Value& found) {
  return corrupt(
      "key " + quoted(key) + ": expected " + std::string(expected) + ", found " +
      (found.is_array() ? "an array of " : "") +
      std::string(value_type_name(found.is_array() ? found.element_type() : found.type())));
}

bool is_integer(const Value& value) {
  return value.as_int().has_value() || value.as_uint().has_value();
}

}  // namespace

File::File() = default;
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;
File::~File() = default;

Result<File> File::parse(std::span<const std::byte> bytes, Scope scope, const Limits& limits) {
  SAMOVAR_CHECK(reinterpret_cast<uintptr_t>(bytes.data()) % 8 == 0);
  return Parser(bytes, scope, limits).parse();
}

const Value* File::find(std::string_view key) const {
  const std::optional<size_t> position = key_index_.find(key);
  return position ? &keys_[*position].second : nullptr;
}

const Tensor* File::find_tensor(std::string_view name) const {
  const std::optional<size_t> position = tensor_index_.find(name);
  return position ? &tensors_[*position] : nullptr;
}

Result<int64_t> File::get_int(std::string_view key, int64_t min, int64_t max) const {
  const Value* value = find(key);
  if (value == nullptr) return missing(key);
  if (!is_integer(*value)) return wrong_type(key, "an integer", *value);
  const std::optional<int64_t> number = value->as_int();
  if (number && *number >= min && *number <= max) return *number;
  return corrupt("key " + quoted(key) + ": expected " + std::to_string(min) + " to " +
                 std::to_string(max) + ", found " +
                 (number ? std::to_string(*number) : std::to_string(*value->as_uint())));
}

Result<int64_t> File::get_int(std::string_view key, int64_t min, int64_t max,
                              int64_t fallback) const {
  if (find(key) == nullptr) return fallback;
  return get_int(key, min, max);
}

Result<double> File::get_float(std::string_view key, double fallback) const {
  const Value* value = find(key);
  if (value == nullptr) return fallback;
  const std::optional<double> number = value->as_float();
  if (!number) return wrong_type(key, "a number", *value);
  if (!std::isfinite(*number)) return corrupt("key " + quoted(key) + ": is not a finite number");
  return *number;
}

Result<bool> File::get_bool(std::string_view key, bool fallback) const {
  const Value* value = find(key);
  if (value == nullptr) return fallback;
  const std::optional<bool> flag = value->as_bool();
  if (!flag) return wrong_type(key, "a bool", *value);
  return *flag;
}

Result<std::string_view> File::get_string(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return missing(key);
  const std::optional<std::string_view> text = value->as_string();
  if (!text) return wrong_type(key, "a string", *value);
  return *text;
}

Result<std::string_view> File::get_string(std::string_view key, std::string_view fallback) const {
  if (find(key) == nullptr) return fallback;
  return get_string(key);
}

}  // namespace samovar::gguf
