// Any bytes as a GGUF file: parse, then touch everything the File promises is there.
// SPDX-License-Identifier: Apache-2.0
#include "gguf/file.h"

#include <cstdint>
#include <span>

namespace {

using samovar::gguf::File;
using samovar::gguf::Scope;
using samovar::gguf::Tensor;
using samovar::gguf::Value;

volatile uint64_t sink;  // keeps reads alive

void touch(const Value& value) {
  uint64_t sum =
      value.as_uint().value_or(0) + static_cast<uint64_t>(value.as_bool().value_or(false));
  sum += static_cast<uint64_t>(value.as_int().value_or(0));
  sum += value.as_float().has_value() ? 1U : 0U;
  for (const char c : value.as_string().value_or("")) sum += static_cast<unsigned char>(c);
  if (const auto strings = value.as_strings()) {
    for (const std::string_view text : *strings)
      sum += text.empty() ? 0 : static_cast<unsigned char>(text.back());
  }
  if (const auto floats = value.as_floats()) sum += floats->size();
  if (const auto ints = value.as_ints()) sum += ints->size();
  sink = sum;
}

void touch(const Tensor& tensor) {
  uint64_t sum = 0;
  for (int64_t row = 0; row < tensor.view.rows(); row += 1 + tensor.view.rows() / 16) {
    for (size_t i = 0; i < tensor.view.row_bytes; ++i) {
      sum += std::to_integer<uint64_t>(tensor.view.row(row)[i]);
    }
  }
  sink = sum;
}

void touch(const File& file) {
  for (const auto& [name, value] : file.keys()) {
    touch(value);
    if (file.find(name) != &value) __builtin_trap();
  }
  for (const Tensor& tensor : file.tensors()) {
    touch(tensor);
    if (file.find_tensor(tensor.name) != &tensor) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  constexpr samovar::gguf::Limits kTight = {
      .max_keys = 4, .max_tensors = 2, .max_string_bytes = 16, .max_metadata_bytes = 256};
  for (const Scope scope : {Scope::kWhole, Scope::kMetadata}) {
    for (const samovar::gguf::Limits& limits : {samovar::gguf::Limits(), kTight}) {
      const auto file = File::parse(bytes, scope, limits);
      if (file.ok()) touch(*file);
      if (!file.ok() && file.status().message().empty()) __builtin_trap();
    }
  }
  return 0;
}
