// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_test_support.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::kernels::test {
namespace {

// What `run` writes into a buffer of n floats, at each level, for each length and misalignment.
void check_all_levels(
    const std::function<std::vector<float>(const KernelTable&, size_t n, size_t misalign)>& run) {
  for (size_t n = 0; n <= 67; ++n) {
    for (size_t misalign : {size_t{0}, size_t{1}, size_t{3}}) {
      const std::vector<float> expected = run(select(sys::Isa::kScalar), n, misalign);
      for (sys::Isa isa : levels()) {
        CAPTURE(sys::isa_name(isa));
        CAPTURE(n);
        REQUIRE(first_difference(run(select(isa), n, misalign), expected) == -1);
      }
    }
  }
}

// Ordinary values with every special one among them.
std::vector<float> wild_floats(size_t n, uint64_t seed) {
  static constexpr float kSpecial[] = {0.0F,   -0.0F,   kInf,   -kInf,    kNaN,
                                       1e-40F, -1e-40F, 3e38F,  -3e38F,   88.7F,
                                       -88.7F, -103.9F, 0.625F, 65520.0F, 6e-8F};
  std::vector<float> values = random_floats(n, seed, 12.0F);
  for (size_t i = seed % 3; i < n; i += 3)
    values[i] = kSpecial[(i / 3 + seed) % std::size(kSpecial)];
  return values;
}

TEST_CASE("elementwise operations give the bits of scalar at every level") {
  for (uint64_t seed = 0; seed < 16; ++seed) {
    const std::vector<float> a = wild_floats(80, seed);
    const std::vector<float> b = wild_floats(80, seed + 100);
    const auto elementwise = [&](auto apply) {
      check_all_levels([&](const KernelTable& table, size_t n, size_t misalign) {
        std::vector<float> x = a;
        apply(table, x.data() + misalign, b.data() + misalign, static_cast<int64_t>(n));
        return x;
      });
    };
    elementwise([](const KernelTable& k, float* x, const float* y, int64_t n) { k.add(x, y, n); });
    elementwise(
        [](const KernelTable& k, float* x, const float*, int64_t n) { k.scale(x, 0.3F, n); });
    elementwise(
        [](const KernelTable& k, float* x, const float* y, int64_t n) { k.silu_mul(x, y, n); });
    elementwise(
        [](const KernelTable& k, float* x, const float* y, int64_t n) { k.gelu_mul(x, y, n); });
    elementwise([](const KernelTable& k, float* x, const float*, int64_t n) { k.gelu(x, n); });
    elementwise(
        [](const KernelTable& k, float* x, const float*, int64_t n) { k.softcap(x, 3.0F, n); });
  }
}

TEST_CASE("norms and rope give the bits of scalar at every level") {
  const std::vector<float> a = random_floats(80, 1, 4.0F);
  const std::vector<float> w = random_floats(80, 2);
  const std::vector<float> b = random_floats(80, 3);
  check_all_levels([&](const KernelTable& table, size_t n, size_t misalign) {
    std::vector<float> x = a;
    table.rms_norm(x.data() + misalign, n % 2 == 0 ? w.data() : nullptr, 1e-5F,
                   static_cast<int64_t>(n), x.data() + misalign);
    return x;
  });
  check_all_levels([&](const KernelTable& table, size_t n, size_t misalign) {
    std::vector<float> x = a;
    table.layer_norm(x.data() + misalign, w.data(), n % 2 == 0 ? b.data() : nullptr, 1e-5F,
                     static_cast<int64_t>(n), x.data() + misalign);
    return x;
  });
  check_all_levels([&](const KernelTable& table, size_t n, size_t misalign) {
    std::vector<float> x = a;
    table.rope_norm(x.data() + misalign, w.data(), static_cast<int64_t>(n / 2 * 2));
    table.rope_neox(x.data() + misalign, b.data(), static_cast<int64_t>(n / 2 * 2));
    return x;
  });
}

// A block of kQ8_256 with its codes in ascending order.
ActBlock ascending(CodeOrder order, const ActBlock& block) {
  ActBlock result = block;
  for (size_t i = 0; i < kActBlock; ++i) result.codes[i] = block.codes[code_index(order, i)];
  return result;
}

void check_sums(const ActBlock& block) {
  for (size_t g = 0; g < 16; ++g) {
    int sum = 0;
    for (size_t i = 0; i < 16; ++i) sum += block.codes[16 * g + i];
    REQUIRE(block.sums[g] == sum);
  }
  for (size_t g = 0; g < 8; ++g) {
    REQUIRE(block.wide_sums[g] == block.sums[2 * g] + block.sums[2 * g + 1]);
  }
}

TEST_CASE("quantized activations have the same codes at every level, whatever goes in") {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    std::vector<float> x = seed < 30 ? wild_floats(512, seed) : random_floats(512, seed, 1e-37F);
    if (seed % 3 == 0) x = random_floats(512, seed, 1e30F);
    const auto run = [&](QuantizeFn quantize, CodeOrder order) {
      std::vector<ActBlock> blocks(2);
      quantize(x.data(), 512, blocks.data());
      std::vector<float> all;
      for (const ActBlock& stored : blocks) {
        const ActBlock block = ascending(order, stored);
        check_sums(block);
        all.insert(all.end(), std::begin(block.codes), std::end(block.codes));
        all.insert(all.end(), std::begin(block.scales), std::end(block.scales));
        all.insert(all.end(), std::begin(block.scaled_sums), std::end(block.scaled_sums));
      }
      return all;
    };
    const KernelTable scalar = select(sys::Isa::kScalar);
    const auto small = run(scalar.quantize_q8_32, CodeOrder::kAscending);
    const auto large = run(scalar.quantize_q8_256, CodeOrder::kAscending);
    for (sys::Isa isa : levels()) {
      const KernelTable table = select(isa);
      REQUIRE(first_difference(run(table.quantize_q8_32, CodeOrder::kAscending), small) == -1);
      REQUIRE(first_difference(run(table.quantize_q8_256, CodeOrder::kAscending), large) == -1);
      REQUIRE(first_difference(run(table.quantize_q8_256_many, table.code_order), large) == -1);
    }
  }
}

TEST_CASE("a block is quantized to within half a step; zero and non-finite blocks become zeros") {
  const KernelTable table = select(sys::Isa::kScalar);
  std::vector<float> x = random_floats(128, 5, 3.0F);
  std::fill_n(x.begin() + 32, 32, 0.0F);
  x[64] = kNaN;
  x[96] = kInf;
  ActBlock block_of_128 = {};
  table.quantize_q8_32(x.data(), 128, &block_of_128);
  const int8_t* codes = block_of_128.codes;
  const float* scales = block_of_128.scales;
  int largest = 0;
  for (size_t i = 0; i < 32; ++i) {
    CHECK(std::fabs(scales[0] * codes[i] - x[i]) <= 0.5001F * scales[0]);
    largest = std::max(largest, std::abs(static_cast<int>(codes[i])));
  }
  CHECK(largest == 127);
  for (size_t block = 1; block < 4; ++block) {
    CHECK(scales[block] == 0.0F);
    for (size_t i = 0; i < 32; ++i) CHECK(codes[32 * block + i] == 0);
  }
}

TEST_CASE("the magnitudes of 16 codes of a block of 256 add up to 1023 at most") {
  const KernelTable table = select(sys::Isa::kScalar);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    // Flat groups of 16, each of its own height: the sums come near the limit from both sides.
    std::vector<float> x = random_floats(256, seed, 1.0F);
    for (size_t i = 0; i < 256; ++i) {
      const float height = 0.3F + 0.7F * static_cast<float>((i / 16 + seed) % 16) / 15;
      x[i] = std::copysign(height, x[i]) * (1.0F - 0.001F * static_cast<float>(seed));
    }
    if (seed == 0) std::fill(x.begin(), x.end(), 1.0F);
    ActBlock block = {};
    table.quantize_q8_256(x.data(), 256, &block);
    check_sums(block);
    int largest = 0;
    for (size_t g = 0; g < 16; ++g) {
      int magnitudes = 0;
      for (size_t i = 0; i < 16; ++i) magnitudes += std::abs(int{block.codes[16 * g + i]});
      largest = std::max(largest, magnitudes);
      CHECK(std::fabs(block.scales[0] * block.codes[16 * g] - x[16 * g]) <=
            0.5001F * block.scales[0]);
    }
    CHECK(largest <= 1023);
    CHECK(largest >= 990);
  }
}

double ulps(double got, double want) {
  const float rounded = static_cast<float>(std::fabs(want));
  const double ulp = std::nextafter(rounded, kInf) - rounded;
  return std::fabs(got - want) / ulp;
}

TEST_CASE("softcap, silu and gelu are accurate to a few ulp") {
  const KernelTable table = select(sys::Isa::kScalar);
  for (double x = -20; x < 20; x += 0.00317) {
    const auto value = static_cast<float>(x);
    const double exact = value;
    float capped = value;
    table.softcap(&capped, 1.0F, 1);
    CHECK(ulps(capped, std::tanh(exact)) < 3);
    float silu = value;
    const float one = 1.0F;
    table.silu_mul(&silu, &one, 1);
    CHECK(ulps(silu, exact / (1 + std::exp(-exact))) < 4);
    float gelu = value;
    table.gelu(&gelu, 1);
    const double inner = std::sqrt(2 / M_PI) * (exact + 0.044715 * exact * exact * exact);
    const double want = exact / (1 + std::exp(-2 * inner));
    CHECK(std::fabs(gelu - want) <=
          1e-6 * std::fabs(want) * (1 + std::fabs(inner)) + 1e-37);  // e^-2u overflows there
  }
}

TEST_CASE("special values: infinities, NaN, far tails") {
  const KernelTable table = select(sys::Isa::kScalar);
  std::vector<float> x = {kInf, -kInf, kNaN, -200.0F, 1e30F, -1e30F};
  table.softcap(x.data(), 2.0F, 6);
  CHECK(x[0] == 2.0F);
  CHECK(x[1] == -2.0F);
  CHECK(std::isnan(x[2]));
  CHECK(x[3] == -2.0F);
  std::vector<float> g = {kInf, 1e30F, -1e30F, kNaN, -200.0F};
  table.gelu(g.data(), 5);
  CHECK(g[0] == kInf);
  CHECK(g[1] == 1e30F);
  CHECK(g[2] == 0.0F);
  CHECK(std::isnan(g[3]));
  CHECK(g[4] == 0.0F);
}

TEST_CASE("norms agree with double precision") {
  const KernelTable table = select(sys::Isa::kScalar);
  const size_t n = 1537;
  const std::vector<float> x = random_floats(n, 7, 5.0F);
  const std::vector<float> w = random_floats(n, 8);
  double sum = 0;
  double squares = 0;
  for (float v : x) sum += v;
  for (float v : x) squares += static_cast<double>(v) * v;
  const double mean = sum / n;
  const double variance = squares / n - mean * mean;
  std::vector<float> rms(n);
  std::vector<float> layer(n);
  table.rms_norm(x.data(), w.data(), 1e-6F, n, rms.data());
  table.layer_norm(x.data(), w.data(), w.data(), 1e-6F, n, layer.data());
  for (size_t i = 0; i < n; ++i) {
    CHECK(rms[i] == doctest::Approx(x[i] / std::sqrt(squares / n + 1e-6) * w[i]).epsilon(1e-6));
    CHECK(std::fabs(layer[i] - ((x[i] - mean) / std::sqrt(variance + 1e-6) * w[i] + w[i])) < 2e-6);
  }
}

TEST_CASE("rope rotates neighbours or halves") {
  const KernelTable table = select(sys::Isa::kScalar);
  const std::vector<float> quarter_turns = {0.0F, 1.0F, 0.0F, 1.0F};
  std::vector<float> x = {1, 2, 3, 4, 5};
  table.rope_norm(x.data(), quarter_turns.data(), 4);
  CHECK(x == std::vector<float>{-2, 1, -4, 3, 5});
  x = {1, 2, 3, 4, 5};
  table.rope_neox(x.data(), quarter_turns.data(), 4);
  CHECK(x == std::vector<float>{-3, -4, 1, 2, 5});
}

}  // namespace
}  // namespace samovar::kernels::test
