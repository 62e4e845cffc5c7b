// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_test_support.h"
#include "tensor/decode.h"
#include "tensor/half.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::kernels::test {
namespace {

// [n_acts, n_rows], two columns of padding after each row to catch stray writes.
std::vector<float> product(const KernelTable& table, DType type, const Weights& weights,
                           const Activations& ascending, int64_t n_rows, int64_t k) {
  const int64_t stride = n_rows + 2;
  const Activations acts = arranged(table, type, ascending);
  const auto n_acts = static_cast<int64_t>(acts.rows.size());
  std::vector<float> out(static_cast<size_t>(stride * n_acts), -7.0F);
  table.matmul[static_cast<size_t>(type)](weights.data(), weights.row_bytes, n_rows,
                                          acts.rows.data(), n_acts, k, out.data(), stride);
  for (int64_t t = 0; t < n_acts; ++t) {
    CHECK(out[static_cast<size_t>(t * stride + n_rows)] == -7.0F);
    CHECK(out[static_cast<size_t>(t * stride + n_rows + 1)] == -7.0F);
  }
  return out;
}

int64_t block_of(DType type) {
  return act_format(type) == ActFormat::kQ8_256  ? 256
         : act_format(type) == ActFormat::kQ8_32 ? 32
                                                 : 1;
}

// Every level against scalar, every bit.
void check_levels(DType type, const Weights& weights, const Activations& acts, int64_t n_rows,
                  int64_t k) {
  const std::vector<float> expected =
      product(select(sys::Isa::kScalar), type, weights, acts, n_rows, k);
  for (sys::Isa isa : levels()) {
    CAPTURE(sys::isa_name(isa));
    CAPTURE(traits(type).name);
    CAPTURE(n_rows);
    CAPTURE(acts.rows.size());
    CAPTURE(k);
    REQUIRE(first_difference(product(select(isa), type, weights, acts, n_rows, k), expected) == -1);
  }
}

// The activation value that a quantized row stands for.
double act_value(const Activations& acts, ActFormat format, size_t t, size_t i) {
  if (format == ActFormat::kF32) return acts.values[t][i];
  const ActBlock& block = acts.blocks[t][i / 256];
  const size_t scale = format == ActFormat::kQ8_256 ? 0 : i % 256 / 32;
  return static_cast<double>(block.scales[scale]) * block.codes[i % 256];
}

TEST_CASE("the scalar product equals decode-then-dot in double precision") {
  for (DType type : kAllTypes) {
    CAPTURE(traits(type).name);
    const int64_t k = 512;
    const int64_t n_rows = 3;
    const Weights weights = make_weights(type, n_rows, k, 11);
    const Activations acts = make_activations(type, 2, k, 12);
    const std::vector<float> out =
        product(select(sys::Isa::kScalar), type, weights, acts, n_rows, k);
    std::vector<float> row(static_cast<size_t>(k));
    for (int64_t r = 0; r < n_rows; ++r) {
      decode_row(type, weights.data() + static_cast<size_t>(r) * weights.row_bytes, k, row.data());
      for (size_t t = 0; t < 2; ++t) {
        double sum = 0;
        double magnitude = 0;
        for (size_t i = 0; i < row.size(); ++i) {
          const double a = act_value(acts, act_format(type), t, i);
          sum += row[i] * a;
          // A minimum is subtracted: both parts of the difference are rounded at full size.
          magnitude += (std::fabs(static_cast<double>(row[i])) + 1.0) * std::fabs(a);
        }
        // At most k / 16 + 8 roundings in a chain, each 2^-24 of what has been summed so far.
        const double bound = magnitude * (static_cast<double>(k) / 16 + 8) * 0x1p-24;
        CHECK(std::fabs(out[t * static_cast<size_t>(n_rows + 2) + static_cast<size_t>(r)] - sum) <
              bound);
      }
    }
  }
}

TEST_CASE("every level gives the bits of scalar for all row and token counts near the tile sizes") {
  for (DType type : kAllTypes) {
    const int64_t k = 2 * block_of(type) * (block_of(type) == 1 ? 40 : 1);
    for (int64_t n_rows : {1, 2, 7, 15, 16, 17, 31, 33, 64, 65, 80}) {
      const Weights weights = make_weights(type, n_rows, k, static_cast<uint64_t>(n_rows));
      for (int64_t n_acts : {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 17, 25}) {
        check_levels(type, weights, make_activations(type, n_acts, k, 3), n_rows, k);
      }
    }
  }
}

TEST_CASE("every level gives the bits of scalar for all row lengths") {
  for (DType type : kAllTypes) {
    for (int64_t blocks = 0; blocks <= 19; ++blocks) {
      const int64_t step = block_of(type) == 1 ? 3 : block_of(type);
      if (block_of(type) == 256 && blocks > 4) break;
      const int64_t k = blocks * step;
      check_levels(type, make_weights(type, 18, k, 5), make_activations(type, 3, k, 6), 18, k);
    }
  }
}

TEST_CASE("weights may lie at any alignment") {
  for (DType type : kAllTypes) {
    for (size_t misalign = 0; misalign < 64; misalign += 1 + misalign % 5) {
      const Weights weights = make_weights(type, 17, 256, 8, Fill::kRandom, misalign);
      check_levels(type, weights, make_activations(type, 2, 256, 9), 17, 256);
    }
  }
}

// All |code| = 127, signs by `sign(i)`.
template <class Sign>
Activations extreme_activations(DType type, int64_t k, Sign sign) {
  std::vector<float> row(static_cast<size_t>(k));
  for (size_t i = 0; i < row.size(); ++i) row[i] = sign(i) ? 1.0F : -1.0F;
  return quantize_rows(type, {row, row, row, row, row, row, row});
}

TEST_CASE("no sum overflows when every code is at its bound") {
  for (DType type : kAllTypes) {
    for (Fill fill : {Fill::kOnes, Fill::kZeros, Fill::kRandom}) {
      const Weights weights = make_weights(type, 33, 512, 21, fill);
      check_levels(type, weights, extreme_activations(type, 512, [](size_t) { return true; }), 33,
                   512);
      check_levels(type, weights, extreme_activations(type, 512, [](size_t) { return false; }), 33,
                   512);
      check_levels(type, weights,
                   extreme_activations(type, 512, [](size_t i) { return i % 2 == 0; }), 33, 512);
    }
  }
}

TEST_CASE("weight scales that are not finite travel as NaN and infinity") {
  for (uint16_t half : {uint16_t{0x7C00}, uint16_t{0xFC00}, uint16_t{0x7E00}, uint16_t{0x0001},
                        uint16_t{0x8000}, uint16_t{0x7BFF}}) {
    for (DType type : {DType::kQ4_0, DType::kQ4_1, DType::kQ8_0, DType::kQ4_K}) {
      Weights weights = make_weights(type, 17, 256, 22);
      std::memcpy(weights.bytes.data(), &half, sizeof half);
      std::memcpy(weights.bytes.data() + 16 * weights.row_bytes, &half, sizeof half);
      check_levels(type, weights, make_activations(type, 3, 256, 23), 17, 256);
    }
  }
}

TEST_CASE("the result of a row does not depend on the rows and tokens beside it") {
  for (DType type : kAllTypes) {
    const Weights weights = make_weights(type, 40, 256, 31);
    const Activations acts = make_activations(type, 14, 256, 32);
    for (sys::Isa isa : levels()) {
      const KernelTable table = select(isa);
      const std::vector<float> all = product(table, type, weights, acts, 40, 256);
      for (size_t r : {size_t{0}, size_t{5}, size_t{17}, size_t{39}}) {
        for (size_t t : {size_t{0}, size_t{3}, size_t{13}}) {
          float one = 0;
          table.matmul[static_cast<size_t>(type)](weights.data() + r * weights.row_bytes,
                                                  weights.row_bytes, 1, &acts.rows[t], 1, 256, &one,
                                                  1);
          REQUIRE(first_difference({&one, 1}, {&all[t * 42 + r], 1}) == -1);
        }
      }
    }
  }
}

void broken_matmul(const void*, size_t, int64_t n_rows, const ActRow*, int64_t, int64_t, float* out,
                   int64_t) {
  out[n_rows - 1] = std::nextafter(out[n_rows - 1], 1.0F);
}

TEST_CASE("the comparison notices a kernel that is wrong in one bit of one row") {
  const DType type = DType::kQ4_K;
  const Weights weights = make_weights(type, 5, 256, 41);
  const Activations acts = make_activations(type, 1, 256, 42);
  std::vector<float> good = product(select(sys::Isa::kScalar), type, weights, acts, 5, 256);
  std::vector<float> bad = good;
  broken_matmul(nullptr, 0, 5, nullptr, 1, 0, bad.data(), 7);
  CHECK(first_difference(good, bad) == 4);
  good[4] = 0.0F;
  bad[4] = -0.0F;
  CHECK(first_difference(good, bad) == 4);
  CHECK(first_difference(good, std::vector<float>(3)) == 0);
}

TEST_CASE("select installs the forced level and each type of the build has a kernel at it") {
  for (sys::Isa isa : levels()) {
    const KernelTable table = select(isa);
    CHECK(table.level == sys::isa_name(isa));
    for (DType type : kAllTypes) {
      const bool present = table.matmul[static_cast<size_t>(type)] != nullptr;
      CHECK(present);
    };
    if (isa == sys::Isa::kScalar) continue;
    const KernelTable scalar = select(sys::Isa::kScalar);
    const bool other_floats =
        table.rms_norm != scalar.rms_norm && table.store_key != scalar.store_key;
    CHECK(other_floats);
    for (size_t type = 0; type < kKvTypes; ++type) {
      const bool other = table.attn_page[type] != scalar.attn_page[type];
      CHECK(other);
    }
    for (DType type : kAllTypes) {
      const auto id = static_cast<size_t>(type);
      const bool other = table.matmul[id] != scalar.matmul[id];
      CHECK(other);
    }
  }
}

}  // namespace
}  // namespace samovar::kernels::test
