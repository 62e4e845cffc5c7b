// SPDX-License-Identifier: Apache-2.0
#include "kernels/select.h"

#include "base/check.h"
#include "kernels/install.h"
#include "kernels/type_id.inc.h"
#include "tensor/decode.h"

#include <cstddef>

namespace samovar::kernels {
namespace {

static_assert(kTypeF32 == static_cast<int>(DType::kF32));
static_assert(kTypeF16 == static_cast<int>(DType::kF16));
static_assert(kTypeQ4_0 == static_cast<int>(DType::kQ4_0));
static_assert(kTypeQ4_1 == static_cast<int>(DType::kQ4_1));
static_assert(kTypeQ5_0 == static_cast<int>(DType::kQ5_0));
static_assert(kTypeQ5_1 == static_cast<int>(DType::kQ5_1));
static_assert(kTypeQ8_0 == static_cast<int>(DType::kQ8_0));
static_assert(kTypeQ2_K == static_cast<int>(DType::kQ2_K));
static_assert(kTypeQ3_K == static_cast<int>(DType::kQ3_K));
static_assert(kTypeQ4_K == static_cast<int>(DType::kQ4_K));
static_assert(kTypeQ5_K == static_cast<int>(DType::kQ5_K));
static_assert(kTypeQ6_K == static_cast<int>(DType::kQ6_K));
static_assert(kTypeIQ4_NL == static_cast<int>(DType::kIQ4_NL));
static_assert(kTypeIQ4_XS == static_cast<int>(DType::kIQ4_XS));
static_assert(kTypeBF16 == static_cast<int>(DType::kBF16));

void decode_any_row(uint32_t dtype, const void* row, int64_t n, float* out) {
  decode_row(static_cast<DType>(dtype), static_cast<const std::byte*>(row), n, out);
}

}  // namespace

KernelTable select(sys::Isa max_level) {
  KernelTable table = {};
  table.level = "scalar";
  table.decode_row = decode_any_row;
  install_scalar_float(table);
  install_scalar_quant(table);
  static_cast<void>(max_level);
  return table;
}

ActFormat act_format(DType weights) {
  switch (weights) {
    case DType::kF32:
    case DType::kF16:
    case DType::kBF16:
      return ActFormat::kF32;
    case DType::kQ4_0:
    case DType::kQ4_1:
    case DType::kQ5_0:
    case DType::kQ5_1:
    case DType::kQ8_0:
    case DType::kIQ4_NL:
      return ActFormat::kQ8_32;
    case DType::kQ2_K:
    case DType::kQ3_K:
    case DType::kQ4_K:
    case DType::kQ5_K:
    case DType::kQ6_K:
    case DType::kIQ4_XS:
      return ActFormat::kQ8_256;
  }
  SAMOVAR_CHECK(false && "DType out of range");
}

}  // namespace samovar::kernels
