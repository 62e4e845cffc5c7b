// The storage blocks of GGUF tensors, byte for byte as they lie in the file.
//
// Plain structs for the scalar decoder and for kernel units of every ISA level, so nothing but
// <stdint.h> is included and nothing here is a function. Rows are not aligned: copy a block out, or
// use unaligned loads. `d`, `m`, `dmin` are f16 bits. q(i) is the stored integer of element i and
// y(i) the value it stands for. Source: ggml-common.h and ggml-quants.c of llama.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdint.h>

namespace samovar {

// 32 elements. Nibbles: byte j holds element j (low) and j + 16 (high). y = d * (q - 8).
struct BlockQ4_0 {
  uint16_t d;
  uint8_t qs[16];
};
static_assert(sizeof(BlockQ4_0) == 18);

// 32 elements, nibbles as in Q4_0. y = d * q + m.
struct BlockQ4_1 {
  uint16_t d;
  uint16_t m;
  uint8_t qs[16];
};
static_assert(sizeof(BlockQ4_1) == 20);

// 32 elements. Low four bits as in Q4_0; bit i of the little-endian u32 qh is bit 4 of q(i).
// y = d * (q - 16).
struct BlockQ5_0 {
  uint16_t d;
  uint8_t qh[4];
  uint8_t qs[16];
};
static_assert(sizeof(BlockQ5_0) == 22);

// 32 elements, bits as in Q5_0. y = d * q + m.
struct BlockQ5_1 {
  uint16_t d;
  uint16_t m;
  uint8_t qh[4];
  uint8_t qs[16];
};
static_assert(sizeof(BlockQ5_1) == 24);

// 32 elements in order. y = d * q.
struct BlockQ8_0 {
  uint16_t d;
  int8_t qs[32];
};
static_assert(sizeof(BlockQ8_0) == 34);

// 256 elements in 16 groups of 16. scales[g]: low nibble s(g), high nibble b(g).
// qs: each half h of the block (128 elements) has 32 bytes; bits 2k..2k+1 of byte 32h + l are
// element 128h + 32k + l. y = (d * s) * q - dmin * b.
struct BlockQ2_K {
  uint8_t scales[16];
  uint8_t qs[64];
  uint16_t d;
  uint16_t dmin;
};
static_assert(sizeof(BlockQ2_K) == 84);

// 256 elements in 16 groups of 16. Low two bits in qs as in Q2_K; bit 4h + k of hmask[l] is the
// third bit of element 128h + 32k + l. Scales s(g) have 6 bits: four low bits in the nibbles of
// scales[g % 8] (low for g < 8, high for the others), two high bits at bit 2 * (g / 4) of
// scales[8 + g % 4]. y = (d * (s - 32)) * (q - 4).
struct BlockQ3_K {
  uint8_t hmask[32];
  uint8_t qs[64];
  uint8_t scales[12];
  uint16_t d;
};
static_assert(sizeof(BlockQ3_K) == 110);

// 256 elements in 8 groups of 32. qs: byte 32p + l holds element 64p + l (low nibble) and
// 64p + 32 + l (high). Scales s(g) and offsets b(g) have 6 bits: for g < 4, s is bits 0-5 of
// scales[g] and b of scales[g + 4]; for g >= 4, the low four bits of s and b are the low and high
// nibble of scales[g + 4], their two high bits are bits 6-7 of scales[g - 4] and scales[g]. y = (d
// * s) * q - dmin * b.
struct BlockQ4_K {
  uint16_t d;
  uint16_t dmin;
  uint8_t scales[12];
  uint8_t qs[128];
};
static_assert(sizeof(BlockQ4_K) == 144);

// As Q4_K, and bit g of qh[l] is the fifth bit of element 32g + l. y = (d * s) * q - dmin * b.
struct BlockQ5_K {
  uint16_t d;
  uint16_t dmin;
  uint8_t scales[12];
  uint8_t qh[32];
  uint8_t qs[128];
};
static_assert(sizeof(BlockQ5_K) == 176);

// 256 elements in 16 groups of 16, each with a signed scale. In half h, quarter k, l < 32, element
// 128h + 32k + l has its low four bits in ql[64h + 32(k % 2) + l] (low nibble for k < 2, high for
// the others) and its two high bits at bit 2k of qh[32h + l]. y = (d * scale) * (q - 32).
struct BlockQ6_K {
  uint8_t ql[128];
  uint8_t qh[64];
  int8_t scales[16];
  uint16_t d;
};
static_assert(sizeof(BlockQ6_K) == 210);

// What the four bits of IQ4_NL and IQ4_XS stand for.
constexpr int8_t kIq4Values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                   1,    13,   25,  38,  53,  69,  89,  113};

// 32 elements, nibbles as in Q4_0. y = d * kIq4Values[q].
struct BlockIQ4_NL {
  uint16_t d;
  uint8_t qs[16];
};
static_assert(sizeof(BlockIQ4_NL) == 18);

// 256 elements in 8 groups of 32; the 16 bytes of a group hold nibbles as in Q4_0. Scales s(g) have
// 6 bits: four low bits in nibble g % 2 of scales_l[g / 2], two high bits at bit 2g of scales_h.
// y = (d * (s - 32)) * kIq4Values[q].
struct BlockIQ4_XS {
  uint16_t d;
  uint16_t scales_h;
  uint8_t scales_l[4];
  uint8_t qs[128];
};
static_assert(sizeof(BlockIQ4_XS) == 136);

}  // namespace samovar
