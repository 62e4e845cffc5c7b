// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_test_support.h"

#include "tensor/block.h"
#include "tensor/half.h"

#include <utility>

namespace samovar::kernels::test {
namespace {

template <class Block>
void set_f16_fields(std::byte* bytes, Random& random) {
  Block block;
  std::memcpy(&block, bytes, sizeof block);
  block.d = f32_to_f16(random.uniform(-0.02F, 0.02F));
  if constexpr (requires { block.m; }) block.m = f32_to_f16(random.uniform(-0.2F, 0.2F));
  if constexpr (requires { block.dmin; }) block.dmin = f32_to_f16(random.uniform(0.0F, 0.02F));
  std::memcpy(bytes, &block, sizeof block);
}

void set_floats(DType type, std::byte* bytes, Random& random) {
  const float value = random.uniform(-1.0F, 1.0F);
  const uint16_t half = type == DType::kF16 ? f32_to_f16(value) : f32_to_bf16(value);
  if (type == DType::kF32) {
    std::memcpy(bytes, &value, sizeof value);
  } else {
    std::memcpy(bytes, &half, sizeof half);
  }
}

void set_f16_fields(DType type, std::byte* block, Random& random) {
  switch (type) {
    case DType::kF32:
    case DType::kF16:
    case DType::kBF16:
      return set_floats(type, block, random);
    case DType::kQ4_0:
      return set_f16_fields<BlockQ4_0>(block, random);
    case DType::kQ4_1:
      return set_f16_fields<BlockQ4_1>(block, random);
    case DType::kQ5_0:
      return set_f16_fields<BlockQ5_0>(block, random);
    case DType::kQ5_1:
      return set_f16_fields<BlockQ5_1>(block, random);
    case DType::kQ8_0:
      return set_f16_fields<BlockQ8_0>(block, random);
    case DType::kIQ4_NL:
      return set_f16_fields<BlockIQ4_NL>(block, random);
    case DType::kQ2_K:
      return set_f16_fields<BlockQ2_K>(block, random);
    case DType::kQ3_K:
      return set_f16_fields<BlockQ3_K>(block, random);
    case DType::kQ4_K:
      return set_f16_fields<BlockQ4_K>(block, random);
    case DType::kQ5_K:
      return set_f16_fields<BlockQ5_K>(block, random);
    case DType::kQ6_K:
      return set_f16_fields<BlockQ6_K>(block, random);
    case DType::kIQ4_XS:
      return set_f16_fields<BlockIQ4_XS>(block, random);
  }
}

std::byte fill_byte(Fill fill, Random& random) {
  if (fill == Fill::kRandom) return static_cast<std::byte>(random.next());
  return fill == Fill::kOnes ? std::byte{0xFF} : std::byte{0};
}

}  // namespace

Weights make_weights(DType type, int64_t n_rows, int64_t k, uint64_t seed, Fill fill,
                     size_t misalign) {
  Random random(seed);
  Weights weights;
  weights.row_bytes = row_bytes(type, k);
  const size_t total = weights.row_bytes * static_cast<size_t>(n_rows);
  weights.bytes.resize(total + misalign);  // ends at the last row: reading past it is caught
  weights.offset = misalign;
  for (std::byte& byte : weights.bytes) byte = fill_byte(fill, random);
  for (size_t at = 0; at < total; at += traits(type).block_bytes) {
    set_f16_fields(type, weights.bytes.data() + misalign + at, random);
  }
  return weights;
}

Activations quantize_rows(DType type, std::vector<std::vector<float>> values) {
  const KernelTable scalar = select(sys::Isa::kScalar);
  const ActFormat format = act_format(type);
  Activations acts;
  acts.values = std::move(values);
  for (const std::vector<float>& row : acts.values) {
    const size_t k = row.size();
    if (format == ActFormat::kF32) {
      acts.rows.push_back({row.data(), nullptr});
      continue;
    }
    acts.blocks.emplace_back((k + kActBlock - 1) / kActBlock);
    const QuantizeFn quantize =
        format == ActFormat::kQ8_256 ? scalar.quantize_q8_256 : scalar.quantize_q8_32;
    quantize(row.data(), static_cast<int64_t>(k), acts.blocks.back().data());
    acts.rows.push_back({nullptr, acts.blocks.back().data()});
  }
  return acts;
}

Activations arranged(const KernelTable& table, DType type, const Activations& acts) {
  if (act_format(type) == ActFormat::kF32) return acts;
  const bool paired = act_format(type) == ActFormat::kQ8_256 && acts.rows.size() > 1;
  const CodeOrder order = paired ? table.code_order : CodeOrder::kAscending;
  Activations result = acts;
  for (size_t t = 0; t < acts.blocks.size(); ++t) {
    result.rows[t].blocks = result.blocks[t].data();
    for (size_t b = 0; b < acts.blocks[t].size(); ++b) {
      for (size_t i = 0; i < kActBlock; ++i) {
        result.blocks[t][b].codes[code_index(order, i)] = acts.blocks[t][b].codes[i];
      }
    }
  }
  return result;
}

Activations make_activations(DType type, int64_t n_acts, int64_t k, uint64_t seed) {
  std::vector<std::vector<float>> values;
  for (int64_t t = 0; t < n_acts; ++t) {
    values.push_back(random_floats(static_cast<size_t>(k), seed + static_cast<uint64_t>(t)));
  }
  return quantize_rows(type, std::move(values));
}

}  // namespace samovar::kernels::test
