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

void install_scalar(KernelTable& table) {
  table.level = "scalar";
  table.decode_row = decode_any_row;
  install_scalar_attention(table);
  install_scalar_float(table);
  install_scalar_quant(table);
}

#if defined(SAMOVAR_X86_KERNELS)
void install_avx2(KernelTable& table) {
  table.level = "avx2";
  install_avx2_attention(table);
  install_avx2_float(table);
  install_avx2_peak(table);
  install_avx2_q32(table);
  install_avx2_k4(table);
  install_avx2_k16(table);
  install_avx2_iq4(table);
}

void install_avx512(KernelTable& table) {
  table.level = "avx512";
  install_avx512_attention(table);
  install_avx512_float(table);
  install_avx512_peak(table);
  install_avx512_q32(table);
  install_avx512_k4(table);
  install_avx512_k16(table);
  install_avx512_iq4(table);
}

void install_vnni(KernelTable& table) {
  table.level = "vnni";
  install_vnni_attention(table);
  install_vnni_peak(table);
  install_vnni_q32(table);
  install_vnni_k4(table);
  install_vnni_k16(table);
  install_vnni_iq4(table);
}
#endif

}  // namespace

KernelTable select([[maybe_unused]] sys::Isa max_level) {
  KernelTable table = {};
  install_scalar(table);
#if defined(SAMOVAR_X86_KERNELS)
  if (max_level >= sys::Isa::kAvx2) install_avx2(table);
  if (max_level >= sys::Isa::kAvx512) install_avx512(table);
  if (max_level >= sys::Isa::kVnni) install_vnni(table);
#endif
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

QuantizeFn quantizer(const KernelTable& table, ActFormat format, int64_t n_acts) {
  if (format == ActFormat::kQ8_32) return table.quantize_q8_32;
  return n_acts == 1 ? table.quantize_q8_256 : table.quantize_q8_256_many;
}

}  // namespace samovar::kernels
