// DType: the storage types of GGUF tensors that samovar computes with, and their block geometry.
//
// The values are the type ids of the GGUF format. A row of n elements is n / block_elements blocks
// of block_bytes each; n is always a multiple of block_elements. Source: GGUF specification,
// ggml.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace samovar {

enum class DType : uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ5_0 = 6,
  kQ5_1 = 7,
  kQ8_0 = 8,
  kQ2_K = 10,
  kQ3_K = 11,
  kQ4_K = 12,
  kQ5_K = 13,
  kQ6_K = 14,
  kIQ4_NL = 20,
  kIQ4_XS = 23,
  kBF16 = 30,
};
inline constexpr size_t kDTypeIdLimit = 31;  // ids of known types are below this

struct DTypeTraits {
  std::string_view name;    // "Q4_K"
  uint32_t block_elements;  // el
  uint32_t block_bytes;     // B
};

// The type with this GGUF id, or nothing if samovar does not compute with it.
std::optional<DType> dtype_from_id(uint32_t id);
// The name of any type id the GGUF format knows, computed with or not; empty if unknown.
std::string_view dtype_name_of_id(uint32_t id);
// The geometry of any type id the GGUF format has now, computed with or not; null for ids that are
// unknown or were dropped from the format.
const DTypeTraits* traits_of_id(uint32_t id);
const DTypeTraits& traits(DType dtype);
// Bytes of one row of n_elements. REQUIRES: n_elements is a multiple of block_elements.
size_t row_bytes(DType dtype, int64_t n_elements);

}  // namespace samovar
