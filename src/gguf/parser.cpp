// SPDX-License-Identifier: Apache-2.0
#include "gguf/parser.h"

#include "base/checked.h"
#include "gguf/tensor_table.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace samovar::gguf {
namespace {

constexpr uint64_t kMinKeyBytes = 8 + 1 + 4 + 1;  // length, one character, type, u8
constexpr uint32_t kMinAlignment = 8;
constexpr uint32_t kMaxAlignment = 65'536;

bool only_zeros_and_ones(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b <= std::byte{1}; });
}

}  // namespace

Parser::Parser(std::span<const std::byte> bytes, Scope scope, const Limits& limits)
    : bytes_(bytes), scope_(scope), limits_(limits), in_(bytes, limits) {}

Result<File> Parser::parse() {
  SAMOVAR_TRY(read_header());
  SAMOVAR_TRY(read_keys());
  SAMOVAR_TRY(read_alignment());
  if (scope_ == Scope::kWhole) SAMOVAR_TRY(read_tensors());
  file_.size_bytes_ = bytes_.size();
  return std::move(file_);
}

Status Parser::read_header() {
  std::span<const std::byte> magic;
  SAMOVAR_TRY(in_.read_bytes("magic", 4, magic));
  const std::string_view found(reinterpret_cast<const char*>(magic.data()), magic.size());
  if (found != "GGUF") {
    return in_.error(Code::kCorrupt, "expected 'GGUF', found " + quoted(found));
  }
  uint32_t version = 0;
  SAMOVAR_TRY(in_.read("version", version));
  if (version != 0 && (version & 0xFFFF) == 0) {
    return in_.error(Code::kUnsupported, "the file is big-endian, expected little-endian");
  }
  if (version != 2 && version != 3) {
    return in_.error(version == 0 ? Code::kCorrupt : Code::kUnsupported,
                     "expected GGUF version 2 or 3, found " + std::to_string(version) +
                         (version == 1 ? " (2023); convert the model again" : ""));
  }
  file_.version_ = version;

  if (scope_ == Scope::kWhole) {
    SAMOVAR_TRY(in_.read_count("n_tensors", kMinTensorBytes, n_tensors_));
  } else {  // the tensor records need not be there
    SAMOVAR_TRY(in_.read("n_tensors", n_tensors_));
  }
  if (n_tensors_ > limits_.max_tensors) {
    return in_.error(Code::kTooLarge, std::to_string(n_tensors_) + " tensors, the limit is " +
                                          std::to_string(limits_.max_tensors));
  }
  SAMOVAR_TRY(in_.read_count("n_kv", kMinKeyBytes, n_keys_));
  if (n_keys_ > limits_.max_keys) {
    return in_.error(Code::kTooLarge, std::to_string(n_keys_) + " keys, the limit is " +
                                          std::to_string(limits_.max_keys));
  }
  return {};
}

Status Parser::read_keys() {
  file_.keys_.reserve(static_cast<size_t>(n_keys_));
  std::vector<std::string_view> names;
  names.reserve(static_cast<size_t>(n_keys_));
  for (uint64_t i = 0; i < n_keys_; ++i) {
    std::string_view name;
    SAMOVAR_TRY(in_.enter("key", name));
    Value value;
    SAMOVAR_TRY(read_value(value));
    file_.keys_.emplace_back(name, value);
    names.push_back(name);
  }
  if (const auto twice = file_.key_index_.build(names)) {
    return corrupt("key " + quoted(*twice) + ": stands in the file twice, expected once");
  }
  return {};
}

Status Parser::read_value(Value& value) {
  SAMOVAR_TRY(in_.read("value type", value.type_));
  if (value.type_ > ValueType::kF64) {
    return in_.error(Code::kCorrupt, "expected a type id of 0 to 12, found " +
                                         std::to_string(static_cast<uint32_t>(value.type_)));
  }
  if (value.type_ == ValueType::kArray) return read_array(value);
  if (value.type_ == ValueType::kString) {
    std::string_view text;
    SAMOVAR_TRY(in_.read_string("string", limits_.max_string_bytes, text));
    value.payload_ = std::as_bytes(std::span(text));
    return {};
  }
  SAMOVAR_TRY(in_.read_bytes("value", scalar_bytes(value.type_), value.payload_));
  if (value.type_ == ValueType::kBool && !only_zeros_and_ones(value.payload_)) {
    return in_.error(Code::kCorrupt, "expected a bool of 0 or 1, found another number");
  }
  return {};
}

Status Parser::read_array(Value& value) {
  SAMOVAR_TRY(in_.read("element type", value.element_type_));
  const ValueType type = value.element_type_;
  if (type > ValueType::kF64) {
    return in_.error(Code::kCorrupt, "expected a type id of 0 to 12, found " +
                                         std::to_string(static_cast<uint32_t>(type)));
  }
  if (type == ValueType::kArray) {
    return in_.error(Code::kUnsupported, "arrays of arrays are not supported");
  }
  const uint64_t element_bytes = type == ValueType::kString ? sizeof(uint64_t) : scalar_bytes(type);
  SAMOVAR_TRY(in_.read_count("array length", element_bytes, value.count_));
  if (value.count_ > limits_.max_array_elements) {
    return in_.error(Code::kTooLarge, std::to_string(value.count_) + " elements, the limit is " +
                                          std::to_string(limits_.max_array_elements));
  }
  const size_t begin = in_.offset();
  if (type == ValueType::kString) {
    SAMOVAR_TRY(skip_strings(value.count_));
    value.payload_ = bytes_.subspan(begin, in_.offset() - begin);
    return {};
  }
  const auto n_bytes = checked_mul(value.count_, element_bytes);
  SAMOVAR_TRY(in_.read_bytes("array", n_bytes.value_or(UINT64_MAX), value.payload_));
  if (type == ValueType::kBool && !only_zeros_and_ones(value.payload_)) {
    return in_.error(Code::kCorrupt, "expected bools of 0 or 1, found another number");
  }
  return {};
}

Status Parser::skip_strings(uint64_t count) {
  std::string_view text;
  for (uint64_t i = 0; i < count; ++i) {
    SAMOVAR_TRY(in_.read_string("string in the array", limits_.max_string_bytes, text));
  }
  return {};
}

Status Parser::read_alignment() {
  const Value* value = file_.find("general.alignment");
  if (value == nullptr) return {};
  const std::string key = "key 'general.alignment': ";
  if (value->type() != ValueType::kU32) {
    return corrupt(key + "expected a u32, found " + std::string(value_type_name(value->type())));
  }
  alignment_ = static_cast<uint32_t>(value->as_uint().value_or(0));
  if (std::has_single_bit(alignment_) && alignment_ >= kMinAlignment &&
      alignment_ <= kMaxAlignment) {
    return {};
  }
  return corrupt(key + "expected a power of two from 8 to 65536, found " +
                 std::to_string(alignment_));
}

Status Parser::read_tensors() {
  std::vector<RawTensor> raw(static_cast<size_t>(n_tensors_));
  for (RawTensor& tensor : raw) SAMOVAR_TRY(read_raw_tensor(in_, tensor));
  if (raw.empty()) return {};
  SAMOVAR_ASSIGN(file_.tensors_, validated_tensors(raw, bytes_, in_.offset(), alignment_));
  std::vector<std::string_view> names;
  names.reserve(raw.size());
  for (const RawTensor& tensor : raw) names.push_back(tensor.name);
  if (const auto twice = file_.tensor_index_.build(names)) {
    return corrupt("tensor " + quoted(*twice) + ": stands in the file twice, expected once");
  }
  return {};
}

}  // namespace samovar::gguf
