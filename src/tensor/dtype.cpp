// SPDX-License-Identifier: Apache-2.0
#include "tensor/dtype.h"

#include "base/check.h"

#include <array>

namespace samovar {
namespace {

// Index = type id of the GGUF format. A block of 0 bytes: the format has dropped this type.
// clang-format off
constexpr std::array<DTypeTraits, 43> kTypes = {{
    {"F32", 1, 4},        {"F16", 1, 2},        {"Q4_0", 32, 18},     {"Q4_1", 32, 20},
    {"Q4_2", 0, 0},       {"Q4_3", 0, 0},       {"Q5_0", 32, 22},     {"Q5_1", 32, 24},
    {"Q8_0", 32, 34},     {"Q8_1", 32, 36},     {"Q2_K", 256, 84},    {"Q3_K", 256, 110},
    {"Q4_K", 256, 144},   {"Q5_K", 256, 176},   {"Q6_K", 256, 210},   {"Q8_K", 256, 292},
    {"IQ2_XXS", 256, 66}, {"IQ2_XS", 256, 74},  {"IQ3_XXS", 256, 98}, {"IQ1_S", 256, 50},
    {"IQ4_NL", 32, 18},   {"IQ3_S", 256, 110},  {"IQ2_S", 256, 82},   {"IQ4_XS", 256, 136},
    {"I8", 1, 1},         {"I16", 1, 2},        {"I32", 1, 4},        {"I64", 1, 8},
    {"F64", 1, 8},        {"IQ1_M", 256, 56},   {"BF16", 1, 2},       {"Q4_0_4_4", 0, 0},
    {"Q4_0_4_8", 0, 0},   {"Q4_0_8_8", 0, 0},   {"TQ1_0", 256, 54},   {"TQ2_0", 256, 66},
    {"IQ4_NL_4_4", 0, 0}, {"IQ4_NL_4_8", 0, 0}, {"IQ4_NL_8_8", 0, 0}, {"MXFP4", 32, 17},
    {"NVFP4", 64, 36},    {"Q1_0", 128, 18},    {"Q2_0", 64, 18},
}};
// clang-format on

}  // namespace

std::optional<DType> dtype_from_id(uint32_t id) {
  const auto dtype = static_cast<DType>(id);
  switch (dtype) {
    case DType::kF32:
    case DType::kF16:
    case DType::kQ4_0:
    case DType::kQ4_1:
    case DType::kQ5_0:
    case DType::kQ5_1:
    case DType::kQ8_0:
    case DType::kQ2_K:
    case DType::kQ3_K:
    case DType::kQ4_K:
    case DType::kQ5_K:
    case DType::kQ6_K:
    case DType::kIQ4_NL:
    case DType::kIQ4_XS:
    case DType::kBF16:
      return dtype;
  }
  return std::nullopt;
}

const DTypeTraits* traits_of_id(uint32_t id) {
  return id < kTypes.size() && kTypes[id].block_bytes != 0 ? &kTypes[id] : nullptr;
}

std::string_view dtype_name_of_id(uint32_t id) {
  return id < kTypes.size() ? kTypes[id].name : std::string_view();
}

const DTypeTraits& traits(DType dtype) {
  return kTypes[static_cast<uint32_t>(dtype)];
}

size_t row_bytes(DType dtype, int64_t n_elements) {
  const DTypeTraits& type = traits(dtype);
  SAMOVAR_DCHECK(n_elements >= 0 && n_elements % type.block_elements == 0);
  return static_cast<size_t>(n_elements / type.block_elements) * type.block_bytes;
}

}  // namespace samovar
