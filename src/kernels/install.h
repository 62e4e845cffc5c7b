// The one function that each kernel unit exports: writes its entries over those of lower levels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/table.h"

namespace samovar::kernels {

void install_scalar_attention(KernelTable& table);
void install_scalar_float(KernelTable& table);
void install_scalar_quant(KernelTable& table);

void install_avx2_attention(KernelTable& table);
void install_avx2_float(KernelTable& table);
void install_avx2_peak(KernelTable& table);
void install_avx2_q32(KernelTable& table);
void install_avx2_k4(KernelTable& table);
void install_avx2_k16(KernelTable& table);
void install_avx2_iq4(KernelTable& table);

void install_avx512_attention(KernelTable& table);
void install_avx512_float(KernelTable& table);
void install_avx512_peak(KernelTable& table);
void install_avx512_q32(KernelTable& table);
void install_avx512_k4(KernelTable& table);
void install_avx512_k16(KernelTable& table);
void install_avx512_iq4(KernelTable& table);

void install_vnni_attention(KernelTable& table);
void install_vnni_peak(KernelTable& table);
void install_vnni_q32(KernelTable& table);
void install_vnni_k4(KernelTable& table);
void install_vnni_k16(KernelTable& table);
void install_vnni_iq4(KernelTable& table);

}  // namespace samovar::kernels
