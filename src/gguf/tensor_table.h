// The tensor table: records as a GGUF file has them, and what becomes of them once checked.
//
// RawTensor holds numbers nobody has checked; only validated_tensors() turns it into a Tensor.
// Thread: pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/field_reader.h"
#include "gguf/file.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace samovar::gguf {

// Name length, one character, n_dims, one dim, type, offset.
inline constexpr uint64_t kMinTensorBytes = 8 + 1 + 4 + 8 + 4 + 8;

struct RawTensor {
  std::string_view name;
  uint32_t n_dims = 0;
  std::array<uint64_t, 4> dims = {1, 1, 1, 1};
  uint32_t type_id = 0;
  uint64_t offset = 0;         // B from the start of the data section
  uint64_t record_offset = 0;  // B of this record in the file, for messages
};

// Checks only what is needed to read on: the name and n_dims.
Status read_raw_tensor(FieldReader& in, RawTensor& out);

// Checks types, shapes, sizes, offsets and overlaps against `file`, whose metadata ends at byte
// `metadata_end`. REQUIRES: alignment is a power of two.
Result<std::vector<Tensor>> validated_tensors(std::span<const RawTensor> raw,
                                              std::span<const std::byte> file,
                                              uint64_t metadata_end, uint32_t alignment);

}  // namespace samovar::gguf
