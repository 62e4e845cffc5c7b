// Blocks to plain integers, one element after the other: what a weight block says, without floats.
//
// The scalar level computes with these; the other levels use them for types without an unpacker of
// their own. Layouts: tensor/block.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tensor/block.h"

#include <stdint.h>

namespace samovar::kernels {
namespace {

// A block of 32: y = d * q + m (m only where the type has one). f16 bits.
struct Codes32 {
  uint16_t d;
  uint16_t m;
  int8_t q[32];
};

// A superblock of 256: y = (d * scale) * q - dmin * min, by groups of 16. f16 bits.
struct Codes256 {
  uint16_t d;
  uint16_t dmin;
  int16_t scale[16];
  int16_t min[16];
  int8_t q[256];
};

inline void nibbles(const uint8_t* qs, int bias, int8_t* q) {
  for (int j = 0; j < 16; ++j) {
    q[j] = static_cast<int8_t>((qs[j] & 15) - bias);
    q[j + 16] = static_cast<int8_t>((qs[j] >> 4) - bias);
  }
}

inline void add_fifth_bits(const uint8_t* qh, int8_t* q) {
  for (int j = 0; j < 32; ++j) q[j] = static_cast<int8_t>(q[j] + ((qh[j / 8] >> (j % 8) & 1) << 4));
}

inline void iq4_values(const uint8_t* qs, int8_t* q) {
  for (int j = 0; j < 16; ++j) {
    q[j] = kIq4Values[qs[j] & 15];
    q[j + 16] = kIq4Values[qs[j] >> 4];
  }
}

inline void to_codes(const BlockQ4_0& b, Codes32& c) {
  c.d = b.d;
  nibbles(b.qs, 8, c.q);
}
inline void to_codes(const BlockQ4_1& b, Codes32& c) {
  c.d = b.d;
  c.m = b.m;
  nibbles(b.qs, 0, c.q);
}
inline void to_codes(const BlockQ5_0& b, Codes32& c) {
  c.d = b.d;
  nibbles(b.qs, 16, c.q);
  add_fifth_bits(b.qh, c.q);
}
inline void to_codes(const BlockQ5_1& b, Codes32& c) {
  c.d = b.d;
  c.m = b.m;
  nibbles(b.qs, 0, c.q);
  add_fifth_bits(b.qh, c.q);
}
inline void to_codes(const BlockQ8_0& b, Codes32& c) {
  c.d = b.d;
  __builtin_memcpy(c.q, b.qs, sizeof c.q);
}
inline void to_codes(const BlockIQ4_NL& b, Codes32& c) {
  c.d = b.d;
  iq4_values(b.qs, c.q);
}

// The 6-bit scales and minimums of Q4_K and Q5_K, each twice: their groups have 32 elements.
inline void k4_scales(const uint8_t* packed, Codes256& c) {
  for (int g = 0; g < 8; ++g) {
    const int low = packed[g + 4];
    const int scale = g < 4 ? packed[g] & 63 : (low & 15) | packed[g - 4] >> 6 << 4;
    const int min = g < 4 ? low & 63 : low >> 4 | packed[g] >> 6 << 4;
    c.scale[2 * g] = c.scale[2 * g + 1] = static_cast<int16_t>(scale);
    c.min[2 * g] = c.min[2 * g + 1] = static_cast<int16_t>(min);
  }
}

// The two low bits of Q2_K and Q3_K.
inline int two_bits(const uint8_t* qs, int i) {
  return qs[32 * (i / 128) + i % 32] >> (2 * (i / 32 % 4)) & 3;
}

inline void to_codes(const BlockQ2_K& b, Codes256& c) {
  c.d = b.d;
  c.dmin = b.dmin;
  for (int g = 0; g < 16; ++g) {
    c.scale[g] = b.scales[g] & 15;
    c.min[g] = b.scales[g] >> 4;
  }
  for (int i = 0; i < 256; ++i) c.q[i] = static_cast<int8_t>(two_bits(b.qs, i));
}
inline void to_codes(const BlockQ3_K& b, Codes256& c) {
  c.d = b.d;
  for (int g = 0; g < 16; ++g) {
    const int low = b.scales[g % 8] >> (4 * (g / 8)) & 15;
    const int high = b.scales[8 + g % 4] >> (2 * (g / 4)) & 3;
    c.scale[g] = static_cast<int16_t>((low | high << 4) - 32);
  }
  for (int i = 0; i < 256; ++i) {
    const int third_bit = b.hmask[i % 32] >> (i / 32) & 1;
    c.q[i] = static_cast<int8_t>(two_bits(b.qs, i) + 4 * third_bit - 4);
  }
}
inline void to_codes(const BlockQ4_K& b, Codes256& c) {
  c.d = b.d;
  c.dmin = b.dmin;
  k4_scales(b.scales, c);
  for (int i = 0; i < 256; ++i) {
    c.q[i] = static_cast<int8_t>(b.qs[32 * (i / 64) + i % 32] >> (4 * (i / 32 % 2)) & 15);
  }
}
inline void to_codes(const BlockQ5_K& b, Codes256& c) {
  c.d = b.d;
  c.dmin = b.dmin;
  k4_scales(b.scales, c);
  for (int i = 0; i < 256; ++i) {
    const int low = b.qs[32 * (i / 64) + i % 32] >> (4 * (i / 32 % 2)) & 15;
    c.q[i] = static_cast<int8_t>(low | (b.qh[i % 32] >> (i / 32) & 1) << 4);
  }
}
inline void to_codes(const BlockQ6_K& b, Codes256& c) {
  c.d = b.d;
  for (int g = 0; g < 16; ++g) c.scale[g] = b.scales[g];
  for (int i = 0; i < 256; ++i) {
    const int half = i / 128;
    const int quarter = i / 32 % 4;
    const int low = b.ql[64 * half + 32 * (quarter % 2) + i % 32] >> (4 * (quarter / 2)) & 15;
    const int high = b.qh[32 * half + i % 32] >> (2 * quarter) & 3;
    c.q[i] = static_cast<int8_t>((low | high << 4) - 32);
  }
}
inline void to_codes(const BlockIQ4_XS& b, Codes256& c) {
  c.d = b.d;
  for (int g = 0; g < 8; ++g) {
    const int low = b.scales_l[g / 2] >> (4 * (g % 2)) & 15;
    const int high = b.scales_h >> (2 * g) & 3;
    c.scale[2 * g] = c.scale[2 * g + 1] = static_cast<int16_t>((low | high << 4) - 32);
    iq4_values(b.qs + 16 * g, c.q + 32 * g);
  }
}

}  // namespace
}  // namespace samovar::kernels
