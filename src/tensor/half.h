// f16 (IEEE 754 binary16) and bf16 to and from f32, round to nearest even, in portable integer
// code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace samovar {

float f16_to_f32(uint16_t half);
uint16_t f32_to_f16(float value);
float bf16_to_f32(uint16_t bits);
uint16_t f32_to_bf16(float value);

}  // namespace samovar
