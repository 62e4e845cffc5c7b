#include "kernels/shapes.h"

namespace samovar::bench {
namespace {

// clang-format off
constexpr Shape kModelShapes[] = {
  {"smollm2-135m", "q, o", DType::kQ4_1, 576, 576},
  {"smollm2-135m", "k, v", DType::kQ4_1, 576, 192},
  {"smollm2-135m", "gate, up", DType::kQ4_1, 576, 1536},
  {"smollm2-135m", "down", DType::kQ4_1, 1536, 576},
  {"smollm2-135m", "head", DType::kQ8_0, 576, 49152, true},
  {"gemma-3-270m", "q", DType::kQ5_0, 640, 1024},
  {"gemma-3-270m", "k, v", DType::kQ5_0, 640, 256},
  {"gemma-3-270m", "v", DType::kQ8_0, 640, 256},
  {"gemma-3-270m", "o", DType::kQ4_K, 1024, 640},
  {"gemma-3-270m", "gate, up", DType::kQ5_0, 640, 2048},
  {"gemma-3-270m", "down", DType::kQ6_K, 2048, 640},
  {"gemma-3-270m", "down", DType::kQ4_K, 2048, 640},
  {"gemma-3-270m", "head", DType::kQ8_0, 640, 262144, true},
  {"qwen2.5-0.5b", "q, o", DType::kQ5_0, 896, 896},
  {"qwen2.5-0.5b", "k, v", DType::kQ5_0, 896, 128},
  {"qwen2.5-0.5b", "v", DType::kQ8_0, 896, 128},
  {"qwen2.5-0.5b", "gate, up", DType::kQ5_0, 896, 4864},
  {"qwen2.5-0.5b", "down", DType::kQ6_K, 4864, 896},
  {"qwen2.5-0.5b", "down", DType::kQ4_K, 4864, 896},
  {"qwen2.5-0.5b", "head", DType::kQ8_0, 896, 151936, true},
  {"qwen2.5-1.5b", "q, o", DType::kQ4_K, 1536, 1536},
  {"qwen2.5-1.5b", "k, v", DType::kQ4_K, 1536, 256},
  {"qwen2.5-1.5b", "v", DType::kQ6_K, 1536, 256},
  {"qwen2.5-1.5b", "gate, up", DType::kQ4_K, 1536, 8960},
  {"qwen2.5-1.5b", "down", DType::kQ4_K, 8960, 1536},
  {"qwen2.5-1.5b", "down", DType::kQ6_K, 8960, 1536},
  {"qwen2.5-1.5b", "head", DType::kQ6_K, 1536, 151936, true},
};

constexpr Shape kResidentShapes[] = {
  {"L1", "", DType::kQ4_0, 1024, 16},   {"L1", "", DType::kQ4_1, 1024, 16},
  {"L1", "", DType::kQ5_0, 1024, 16},   {"L1", "", DType::kQ5_1, 1024, 16},
  {"L1", "", DType::kQ8_0, 1024, 16},   {"L1", "", DType::kQ2_K, 1024, 16},
  {"L1", "", DType::kQ3_K, 1024, 16},   {"L1", "", DType::kQ4_K, 1024, 16},
  {"L1", "", DType::kQ5_K, 1024, 16},   {"L1", "", DType::kQ6_K, 1024, 16},
  {"L1", "", DType::kIQ4_NL, 1024, 16}, {"L1", "", DType::kIQ4_XS, 1024, 16},
  {"L1", "", DType::kF16, 1024, 16},    {"L1", "", DType::kBF16, 1024, 16},
  {"L1", "", DType::kF32, 1024, 16},
};
// clang-format on

}  // namespace

std::span<const Shape> model_shapes() {
  return kModelShapes;
}

std::span<const Shape> resident_shapes() {
  return kResidentShapes;
}

}  // namespace samovar::bench
