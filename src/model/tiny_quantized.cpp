// Tiny models whose matrices are random blocks of several storage types.
// SPDX-License-Identifier: Apache-2.0
#include "base/rng.h"
#include "model/tiny_model.h"
#include "tensor/half.h"

#include <cstring>

namespace samovar::model {
namespace {

// Where a block keeps its f16 scales, and values that make weights of about 1/8.
struct BlockScales {
  DType dtype;
  size_t offset_a;
  float a;
  size_t offset_b;  // the same as offset_a: the block has one scale only
  float b;
};
constexpr BlockScales kScales[] = {
    {DType::kQ4_1, 0, 0x1p-6F, 2, -0x1p-3F},  {DType::kQ5_0, 0, 0x1p-7F, 0, 0x1p-7F},
    {DType::kQ8_0, 0, 0x1p-10F, 0, 0x1p-10F}, {DType::kQ4_K, 0, 0x1p-13F, 2, 0x1p-10F},
    {DType::kQ5_K, 0, 0x1p-14F, 2, 0x1p-10F}, {DType::kQ6_K, 208, 0x1p-15F, 208, 0x1p-15F},
    {DType::kF16, 0, 0.0F, 0, 0.0F},
};

// Ends of tensor names, first match wins. Gate and up read one input in two formats.
struct TypeOf {
  std::string_view name_end;
  DType dtype;
};
constexpr TypeOf kTypes[] = {
    {"attn_q.weight", DType::kQ4_K},      {"attn_k.weight", DType::kQ5_0},
    {"attn_v.weight", DType::kQ6_K},      {"attn_qkv.weight", DType::kQ4_1},
    {"attn_output.weight", DType::kQ8_0}, {"ffn_gate.weight", DType::kQ4_1},
    {"ffn_up.weight", DType::kQ4_K},      {"ffn_down.weight", DType::kQ5_K},
    {"token_embd.weight", DType::kF16},   {"output.weight", DType::kQ6_K},
};

void put_f16(std::byte* at, float value) {
  const uint16_t half = f32_to_f16(value);
  std::memcpy(at, &half, sizeof half);
}

void quantize(TinyTensor& tensor, const BlockScales& scales) {
  const int64_t n_rows = tensor.dims[1];
  const DTypeTraits& type = traits(scales.dtype);
  tensor.dtype = scales.dtype;
  if (scales.dtype == DType::kF16) {
    std::vector<std::byte> halves(tensor.data.size() / 2);
    for (size_t i = 0; i < halves.size() / 2; ++i) {
      float value = 0.0F;
      std::memcpy(&value, tensor.data.data() + i * 4, 4);
      put_f16(halves.data() + i * 2, value);
    }
    tensor.data = std::move(halves);
    return;
  }
  tensor.data.resize(row_bytes(scales.dtype, tensor.dims[0]) * static_cast<size_t>(n_rows));
  Rng rng(tensor.data.size() + tensor.name.size());
  for (std::byte& byte : tensor.data) byte = static_cast<std::byte>(rng.next_below(256));
  for (size_t at = 0; at < tensor.data.size(); at += type.block_bytes) {
    put_f16(tensor.data.data() + at + scales.offset_a, scales.a);
    put_f16(tensor.data.data() + at + scales.offset_b, scales.b);
  }
}

// One with a sliding window, if the variant has any, and one without.
void keep_two_layers(TinyModel& tiny) {
  const std::string arch = std::get<std::string>(tiny.keys.front().value);
  tiny.set(arch + ".block_count", uint32_t{2});
  tiny.set(arch + ".attention.sliding_window_pattern", std::vector<int32_t>{1, 0});
  std::erase_if(tiny.tensors, [](const TinyTensor& tensor) {
    return tensor.name.starts_with("blk.") && tensor.name[4] >= '2';
  });
}

}  // namespace

TinyModel tiny_quantized_model(std::string_view variant) {
  TinyModel tiny = tiny_model(variant);
  keep_two_layers(tiny);
  for (TinyTensor& tensor : tiny.tensors) {
    for (const TypeOf& type : kTypes) {
      if (!tensor.name.ends_with(type.name_end)) continue;
      for (const BlockScales& scales : kScales) {
        if (scales.dtype == type.dtype) quantize(tensor, scales);
      }
      break;
    }
  }
  return tiny;
}

}  // namespace samovar::model
