// I32x16 of the scalar level: sixteen pairs of int16, or as many sums of them. Needed by
// attention_codes.inc.h alone: the scalar matrix products have no lines.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/vec_scalar.h"

#include <stddef.h>
#include <stdint.h>

namespace samovar::kernels {
namespace {

struct I32x16 {
  uint32_t v[16];
};

inline I32x16 zero_lines() {
  return {};
}
inline I32x16 load_line(const void* p) {
  I32x16 r;
  __builtin_memcpy(r.v, p, sizeof r.v);
  return r;
}
// 32 signed bytes to as many int16.
inline I32x16 load_bytes_line(const void* p) {
  int8_t bytes[32];
  __builtin_memcpy(bytes, p, sizeof bytes);
  I32x16 r;
  for (int i = 0; i < 16; ++i) {
    const auto low = static_cast<uint16_t>(bytes[2 * i]);
    const auto high = static_cast<uint16_t>(bytes[2 * i + 1]);
    r.v[i] = static_cast<uint32_t>(low) | static_cast<uint32_t>(high) << 16;
  }
  return r;
}
inline void store_line(void* p, I32x16 a) {
  __builtin_memcpy(p, a.v, sizeof a.v);
}
// One pair to all lanes.
inline I32x16 broadcast_word(const void* p) {
  I32x16 r;
  for (uint32_t& lane : r.v) __builtin_memcpy(&lane, p, sizeof lane);
  return r;
}
inline F32x16 to_float(I32x16 a) {
  return lanes([&](int i) { return static_cast<float>(static_cast<int32_t>(a.v[i])); });
}
inline void prefetch_far(uintptr_t /*address*/) {}

inline int32_t low_half(uint32_t pair) {
  return static_cast<int16_t>(pair & 0xFFFFU);
}
inline int32_t high_half(uint32_t pair) {
  return static_cast<int16_t>(pair >> 16);
}

struct Dot {
  // total += the sum of the products of two neighbouring int16; wraps.
  static void add_pairs(I32x16& total, I32x16 a, I32x16 b) {
    for (int i = 0; i < 16; ++i) {
      total.v[i] += static_cast<uint32_t>(low_half(a.v[i]) * low_half(b.v[i]));
      total.v[i] += static_cast<uint32_t>(high_half(a.v[i]) * high_half(b.v[i]));
    }
  }
};

}  // namespace
}  // namespace samovar::kernels
