// Parser: the bytes of one GGUF file -> a validated File. Used once.
//
// Reads strictly forwards, without recursion; time and memory are bounded by the bytes of the
// metadata. Nothing unchecked leaves it. Format: docs/formats/gguf.md. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/field_reader.h"
#include "gguf/file.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace samovar::gguf {

class Parser {
 public:
  Parser(std::span<const std::byte> bytes, Scope scope, const Limits& limits);
  Result<File> parse();

 private:
  Status read_header();
  Status read_keys();
  Status read_value(Value& value);
  Status read_array(Value& value);
  Status skip_strings(uint64_t count);
  Status read_alignment();
  Status read_tensors();

  std::span<const std::byte> bytes_;
  Scope scope_;
  Limits limits_;
  FieldReader in_;
  uint64_t n_keys_ = 0;
  uint64_t n_tensors_ = 0;
  uint32_t alignment_ = 32;  // B, of tensor data
  File file_;
};

}  // namespace samovar::gguf
