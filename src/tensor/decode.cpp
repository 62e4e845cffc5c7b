// One function per block type: block -> f32, in the order of operations of the reference
// (dequantize_row_* in ggml-quants.c), so that every bit agrees. Compiled with -ffp-contract=off.
// SPDX-License-Identifier: Apache-2.0
#include "tensor/decode.h"

#include "base/check.h"
#include "tensor/block.h"
#include "tensor/half.h"

#include <cstring>

namespace samovar {
namespace {

// A 6-bit scale and offset of Q4_K and Q5_K.
struct ScaleOffset {
  float scale;
  float offset;
};

ScaleOffset scale_offset_k4(const uint8_t* scales, int group) {
  if (group < 4) {
    return {static_cast<float>(scales[group] & 63), static_cast<float>(scales[group + 4] & 63)};
  }
  const int low = scales[group + 4];
  return {static_cast<float>((low & 15) | scales[group - 4] >> 6 << 4),
          static_cast<float>(low >> 4 | scales[group] >> 6 << 4)};
}

uint32_t load_u32(const uint8_t* bytes) {
  uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

void decode(float value, float* y) {
  *y = value;
}

struct F16 {
  uint16_t bits;
};
void decode(const F16& b, float* y) {
  *y = f16_to_f32(b.bits);
}

struct BF16 {
  uint16_t bits;
};
void decode(const BF16& b, float* y) {
  *y = bf16_to_f32(b.bits);
}

void decode(const BlockQ4_0& b, float* y) {
  const float d = f16_to_f32(b.d);
  for (int j = 0; j < 16; ++j) {
    y[j] = static_cast<float>((b.qs[j] & 15) - 8) * d;
    y[j + 16] = static_cast<float>((b.qs[j] >> 4) - 8) * d;
  }
}

void decode(const BlockQ4_1& b, float* y) {
  const float d = f16_to_f32(b.d);
  const float m = f16_to_f32(b.m);
  for (int j = 0; j < 16; ++j) {
    y[j] = static_cast<float>(b.qs[j] & 15) * d + m;
    y[j + 16] = static_cast<float>(b.qs[j] >> 4) * d + m;
  }
}

// Element j (low nibble) and j + 16 (high nibble) of a block whose fifth bits are in `qh`.
int low_of_5_bits(uint8_t nibbles, uint32_t qh, int j) {
  return (nibbles & 15) | static_cast<int>(qh >> j & 1) << 4;
}
int high_of_5_bits(uint8_t nibbles, uint32_t qh, int j) {
  return nibbles >> 4 | static_cast<int>(qh >> (j + 16) & 1) << 4;
}

void decode(const BlockQ5_0& b, float* y) {
  const float d = f16_to_f32(b.d);
  const uint32_t qh = load_u32(b.qh);
  for (int j = 0; j < 16; ++j) {
    y[j] = static_cast<float>(low_of_5_bits(b.qs[j], qh, j) - 16) * d;
    y[j + 16] = static_cast<float>(high_of_5_bits(b.qs[j], qh, j) - 16) * d;
  }
}

void decode(const BlockQ5_1& b, float* y) {
  const float d = f16_to_f32(b.d);
  const float m = f16_to_f32(b.m);
  const uint32_t qh = load_u32(b.qh);
  for (int j = 0; j < 16; ++j) {
    y[j] = static_cast<float>(low_of_5_bits(b.qs[j], qh, j)) * d + m;
    y[j + 16] = static_cast<float>(high_of_5_bits(b.qs[j], qh, j)) * d + m;
  }
}

void decode(const BlockQ8_0& b, float* y) {
  const float d = f16_to_f32(b.d);
  for (int j = 0; j < 32; ++j) y[j] = static_cast<float>(b.qs[j]) * d;
}

void decode(const BlockQ2_K& b, float* y) {
  const float d = f16_to_f32(b.d);
  const float dmin = f16_to_f32(b.dmin);
  for (int group = 0; group < 16; ++group) {
    const float scale = d * static_cast<float>(b.scales[group] & 15);
    const float offset = dmin * static_cast<float>(b.scales[group] >> 4);
    const uint8_t* qs = b.qs + 32 * (group / 8) + 16 * (group % 2);
    const int shift = 2 * (group / 2 % 4);
    for (int l = 0; l < 16; ++l) *y++ = scale * static_cast<float>(qs[l] >> shift & 3) - offset;
  }
}

void decode(const BlockQ3_K& b, float* y) {
  const float d = f16_to_f32(b.d);
  for (int group = 0; group < 16; ++group) {
    const int low = group < 8 ? b.scales[group] & 15 : b.scales[group - 8] >> 4;
    const int high = b.scales[8 + group % 4] >> (2 * (group / 4)) & 3;
    const float scale = d * static_cast<float>((low | high << 4) - 32);
    const uint8_t* qs = b.qs + 32 * (group / 8) + 16 * (group % 2);
    const uint8_t* hmask = b.hmask + 16 * (group % 2);
    const int shift = 2 * (group / 2 % 4);
    for (int l = 0; l < 16; ++l) {
      const int third_bit = hmask[l] >> (group / 2) & 1;
      *y++ = scale * static_cast<float>((qs[l] >> shift & 3) - (third_bit != 0 ? 0 : 4));
    }
  }
}

// Q4_K, and Q5_K with fifth_bit(group, l) of the element.
template <class Block, class FifthBit>
void decode_k4(const Block& b, FifthBit fifth_bit, float* y) {
  const float d = f16_to_f32(b.d);
  const float dmin = f16_to_f32(b.dmin);
  for (int group = 0; group < 8; ++group) {
    const ScaleOffset k = scale_offset_k4(b.scales, group);
    const float scale = d * k.scale;
    const float offset = dmin * k.offset;
    const uint8_t* qs = b.qs + 32 * (group / 2);
    const int shift = 4 * (group % 2);
    for (int l = 0; l < 32; ++l) {
      const int q = (qs[l] >> shift & 15) | fifth_bit(group, l) << 4;
      *y++ = scale * static_cast<float>(q) - offset;
    }
  }
}

void decode(const BlockQ4_K& b, float* y) {
  const auto none = [](int, int) { return 0; };
  decode_k4(b, none, y);
}

void decode(const BlockQ5_K& b, float* y) {
  const auto from_qh = [&b](int group, int l) { return b.qh[l] >> group & 1; };
  decode_k4(b, from_qh, y);
}

void decode(const BlockQ6_K& b, float* y) {
  const float d = f16_to_f32(b.d);
  for (int group = 0; group < 16; ++group) {
    const int half = group / 8;
    const int quarter = group / 2 % 4;
    const int first = 16 * (group % 2);
    const uint8_t* ql = b.ql + 64 * half + 32 * (quarter % 2) + first;
    const uint8_t* qh = b.qh + 32 * half + first;
    const float scale = d * static_cast<float>(b.scales[group]);
    for (int l = 0; l < 16; ++l) {
      const int low = ql[l] >> (4 * (quarter / 2)) & 15;
      const int high = qh[l] >> (2 * quarter) & 3;
      *y++ = scale * static_cast<float>((low | high << 4) - 32);
    }
  }
}

void decode(const BlockIQ4_NL& b, float* y) {
  const float d = f16_to_f32(b.d);
  for (int j = 0; j < 16; ++j) {
    y[j] = d * static_cast<float>(kIq4Values[b.qs[j] & 15]);
    y[j + 16] = d * static_cast<float>(kIq4Values[b.qs[j] >> 4]);
  }
}

void decode(const BlockIQ4_XS& b, float* y) {
  const float d = f16_to_f32(b.d);
  for (int group = 0; group < 8; ++group) {
    const int low = b.scales_l[group / 2] >> (4 * (group % 2)) & 15;
    const int high = b.scales_h >> (2 * group) & 3;
    const float scale = d * static_cast<float>((low | high << 4) - 32);
    const uint8_t* qs = b.qs + 16 * group;
    for (int j = 0; j < 16; ++j) {
      y[32 * group + j] = scale * static_cast<float>(kIq4Values[qs[j] & 15]);
      y[32 * group + j + 16] = scale * static_cast<float>(kIq4Values[qs[j] >> 4]);
    }
  }
}

template <class Block>
void decode_blocks(const std::byte* row, int64_t n_elements, uint32_t block_elements, float* out) {
  for (int64_t i = 0; i < n_elements; i += block_elements, row += sizeof(Block)) {
    Block block;
    std::memcpy(&block, row, sizeof block);
    decode(block, out + i);
  }
}

}  // namespace

void decode_row(DType dtype, const std::byte* row, int64_t n_elements, float* out) {
  const uint32_t el = traits(dtype).block_elements;
  SAMOVAR_DCHECK(n_elements % el == 0);
  switch (dtype) {
    case DType::kF32:
      return decode_blocks<float>(row, n_elements, el, out);
    case DType::kF16:
      return decode_blocks<F16>(row, n_elements, el, out);
    case DType::kBF16:
      return decode_blocks<BF16>(row, n_elements, el, out);
    case DType::kQ4_0:
      return decode_blocks<BlockQ4_0>(row, n_elements, el, out);
    case DType::kQ4_1:
      return decode_blocks<BlockQ4_1>(row, n_elements, el, out);
    case DType::kQ5_0:
      return decode_blocks<BlockQ5_0>(row, n_elements, el, out);
    case DType::kQ5_1:
      return decode_blocks<BlockQ5_1>(row, n_elements, el, out);
    case DType::kQ8_0:
      return decode_blocks<BlockQ8_0>(row, n_elements, el, out);
    case DType::kQ2_K:
      return decode_blocks<BlockQ2_K>(row, n_elements, el, out);
    case DType::kQ3_K:
      return decode_blocks<BlockQ3_K>(row, n_elements, el, out);
    case DType::kQ4_K:
      return decode_blocks<BlockQ4_K>(row, n_elements, el, out);
    case DType::kQ5_K:
      return decode_blocks<BlockQ5_K>(row, n_elements, el, out);
    case DType::kQ6_K:
      return decode_blocks<BlockQ6_K>(row, n_elements, el, out);
    case DType::kIQ4_NL:
      return decode_blocks<BlockIQ4_NL>(row, n_elements, el, out);
    case DType::kIQ4_XS:
      return decode_blocks<BlockIQ4_XS>(row, n_elements, el, out);
  }
}

}  // namespace samovar
