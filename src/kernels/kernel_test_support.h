// Weight rows, activation rows and the exact comparison that the kernel tests share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/select.h"
#include "sys/cpu.h"
#include "tensor/dtype.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

namespace samovar::kernels::test {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// splitmix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  float uniform(float low, float high) {
    return low + (high - low) * static_cast<float>(next() >> 40) * 0x1p-24F;
  }

 private:
  uint64_t state_;
};

// Every level of this build that this CPU has, scalar first.
inline std::vector<sys::Isa> levels() {
  std::vector<sys::Isa> found;
  for (sys::Isa isa : {sys::Isa::kScalar, sys::Isa::kAvx2, sys::Isa::kAvx512, sys::Isa::kVnni}) {
    if (isa <= sys::detect_isa()) found.push_back(isa);
  }
  return found;
}

inline constexpr DType kAllTypes[] = {DType::kF32,  DType::kF16,    DType::kBF16,  DType::kQ4_0,
                                      DType::kQ4_1, DType::kQ5_0,   DType::kQ5_1,  DType::kQ8_0,
                                      DType::kQ2_K, DType::kQ3_K,   DType::kQ4_K,  DType::kQ5_K,
                                      DType::kQ6_K, DType::kIQ4_NL, DType::kIQ4_XS};

// Index of the first element whose bits differ, or -1. Any NaN equals any NaN.
inline ptrdiff_t first_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const bool both_nan = a[i] != a[i] && b[i] != b[i];
    if (!both_nan && std::memcmp(&a[i], &b[i], sizeof(float)) != 0)
      return static_cast<ptrdiff_t>(i);
  }
  return -1;
}

inline std::vector<float> random_floats(size_t n, uint64_t seed, float magnitude = 1.0F) {
  Random random(seed);
  std::vector<float> values(n);
  for (float& value : values) value = random.uniform(-magnitude, magnitude);
  return values;
}

// How the stored integers of a weight matrix are filled.
enum class Fill { kRandom, kOnes, kZeros };  // kOnes: every bit of every code and scale set

// [n_rows, k] weights in `type`, rows row_bytes apart, the first at `misalign` bytes from a 64-byte
// boundary. f16 fields hold sensible values, the other bytes anything.
struct Weights {
  std::vector<std::byte> bytes;
  size_t offset = 0;
  size_t row_bytes = 0;
  const std::byte* data() const { return bytes.data() + offset; }
};
Weights make_weights(DType type, int64_t n_rows, int64_t k, uint64_t seed,
                     Fill fill = Fill::kRandom, size_t misalign = 0);

// Where element i of a block of kQ8_256 stands among the codes of that order.
constexpr size_t code_index(CodeOrder order, size_t i) {
  if (order == CodeOrder::kAscending) return i;
  return i % 128 / 2 * 4 + i / 128 * 2 + i % 2;
}

// [n_acts, k] activations in the format that goes with `type`, quantized by the scalar level.
struct Activations {
  std::vector<std::vector<float>> values;
  std::vector<std::vector<ActBlock>> blocks;
  std::vector<ActRow> rows;
};
Activations quantize_rows(DType type, std::vector<std::vector<float>> values);
Activations make_activations(DType type, int64_t n_acts, int64_t k, uint64_t seed);
// The same with the codes where a product of `table` with all these rows expects them.
Activations arranged(const KernelTable& table, DType type, const Activations& acts);

}  // namespace samovar::kernels::test
