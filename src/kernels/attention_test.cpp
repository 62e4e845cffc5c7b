// Keys and values into pages, and attention over them, in every type of the KV cache.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_test_support.h"
#include "tensor/half.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::kernels::test {
namespace {

constexpr KvType kAllKvTypes[] = {KvType::kF32, KvType::kF16, KvType::kI16, KvType::kQ8_0};

// One block with its memory, every byte of it 0xFF: NaN where floats are meant.
struct OwnedBlock {
  OwnedBlock(KvType type, int64_t d_k, int64_t d_v)
      : element(type == KvType::kF32    ? 4
                : type == KvType::kQ8_0 ? 1
                                        : 2),
        keys(lines((d_k + 1) / 2 * 2)),
        values(lines((d_v + 15) / 16 * 16)),
        key_scales(scales(d_k), kNaN),
        value_scales(scales(d_v), kNaN) {
    block = {.type = type,
             .d_k = d_k,
             .d_v = d_v,
             .keys = keys.data(),
             .values = values.data(),
             .key_scales = key_scales.data(),
             .value_scales = value_scales.data()};
  }
  OwnedBlock(const OwnedBlock&) = delete;
  OwnedBlock(OwnedBlock&&) = default;

  struct alignas(64) Line {
    uint8_t bytes[64];
  };
  std::vector<Line> lines(int64_t width) const {
    Line line;
    std::fill(std::begin(line.bytes), std::end(line.bytes), uint8_t{0xFF});
    return std::vector<Line>(static_cast<size_t>(width) * element * kPageTokens / 64, line);
  }

  static size_t scales(int64_t d) {
    return static_cast<size_t>((d + kKvGroup - 1) / kKvGroup * kPageTokens);
  }

  size_t element;  // B
  std::vector<Line> keys, values;
  std::vector<float> key_scales, value_scales;
  KvBlock block;
};

template <class T>
T key_at(const KvBlock& block, int64_t slot, int64_t i) {
  return static_cast<const T*>(block.keys)[i * kPageTokens + slot];
}
template <class T>
T value_at(const KvBlock& block, int64_t slot, int64_t j) {
  return static_cast<const T*>(block.values)[slot * block.d_v + j];
}
int16_t key_code(const KvBlock& block, int64_t slot, int64_t i) {
  return static_cast<const int16_t*>(block.keys)[(i / 2 * kPageTokens + slot) * 2 + i % 2];
}
int16_t value_code(const KvBlock& block, int64_t slot, int64_t j) {
  const int64_t width = (block.d_v + 15) / 16 * 16;
  return static_cast<const int16_t*>(block.values)[(slot / 2 * width + j) * 2 + slot % 2];
}

// Ordinary values; now and then a special one.
std::vector<float> wild_row(size_t n, uint64_t seed) {
  static constexpr float kSpecial[] = {0.0F, -0.0F, 1e-40F, 3e38F, -3e38F, kInf, kNaN, 65520.0F};
  std::vector<float> x = random_floats(n, seed, seed % 2 == 0 ? 2.0F : 1e-20F);
  if (n > 0 && seed % 4 != 0) x[seed % n] = kSpecial[seed % std::size(kSpecial)];
  return x;
}

TEST_CASE("keys and values are stored as they are, or rounded to nearest even, at every level") {
  for (sys::Isa isa : levels()) {
    const KernelTable table = select(isa);
    for (int64_t n = 1; n <= 67; ++n) {
      const std::vector<float> x = wild_row(static_cast<size_t>(n), static_cast<uint64_t>(n));
      const OwnedBlock floats(KvType::kF32, n, n);
      const OwnedBlock halves(KvType::kF16, n, n);
      for (const OwnedBlock* owned : {&floats, &halves}) {
        table.store_key(x.data(), owned->block, 5);
        table.store_value(x.data(), owned->block, 5);
      }
      for (int64_t i = 0; i < n; ++i) {
        const float value = x[static_cast<size_t>(i)];
        const float key[] = {key_at<float>(floats.block, 5, i),
                             value_at<float>(floats.block, 5, i)};
        REQUIRE(first_difference(std::vector<float>(2, value), key) == -1);
        REQUIRE(key_at<uint16_t>(halves.block, 5, i) == f32_to_f16(value));
        REQUIRE(value_at<uint16_t>(halves.block, 5, i) == f32_to_f16(value));
        REQUIRE(key_at<uint16_t>(halves.block, 6, i) == 0xFFFF);
      }
      REQUIRE(value_at<uint16_t>(halves.block, 4, n - 1) == 0xFFFF);
      REQUIRE(value_at<uint16_t>(halves.block, 6, 0) == 0xFFFF);
    }
  }
}

TEST_CASE("int16 keys, values and queries have the same codes at every level, beside old ones") {
  for (sys::Isa isa : levels()) {
    const KernelTable table = select(isa);
    const KernelTable scalar = select(sys::Isa::kScalar);
    for (uint64_t seed = 0; seed < 200; ++seed) {
      const auto n = static_cast<int64_t>(1 + seed % 67);
      const auto slot = static_cast<int64_t>(seed % kPageTokens);
      const std::vector<float> x = wild_row(static_cast<size_t>(n), seed);
      const OwnedBlock owned(KvType::kI16, n, n);
      const OwnedBlock expected(KvType::kI16, n, n);
      table.store_key(x.data(), owned.block, slot);
      table.store_value(x.data(), owned.block, slot);
      scalar.store_key(x.data(), expected.block, slot);
      scalar.store_value(x.data(), expected.block, slot);
      std::vector<int16_t> codes(static_cast<size_t>(n + n % 2));
      const float scale = table.quantize_query(x.data(), n, codes.data());
      REQUIRE(first_difference(owned.key_scales, expected.key_scales) == -1);
      REQUIRE(first_difference(owned.value_scales, expected.value_scales) == -1);
      REQUIRE(scale == owned.key_scales[static_cast<size_t>(slot)]);
      for (int64_t i = 0; i < n; ++i) {
        REQUIRE(codes[static_cast<size_t>(i)] == key_code(owned.block, slot, i));
        for (const int64_t at : {slot, slot ^ 1}) {
          REQUIRE(key_code(owned.block, at, i) == key_code(expected.block, at, i));
          REQUIRE(value_code(owned.block, at, i) == value_code(expected.block, at, i));
        }
        REQUIRE(value_code(owned.block, slot ^ 1, i) == -1);
      }
      if (n % 2 != 0) REQUIRE(key_code(owned.block, slot, n) == 0);
    }
  }
}

template <class T>
std::vector<uint8_t> bytes_of(const std::vector<T>& values) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
  return {bytes, bytes + values.size() * sizeof(T)};
}

TEST_CASE("q8_0 keys and values have the same bytes at every level, beside old ones") {
  for (sys::Isa isa : levels()) {
    const KernelTable table = select(isa);
    const KernelTable scalar = select(sys::Isa::kScalar);
    for (uint64_t seed = 0; seed < 200; ++seed) {
      const auto n = static_cast<int64_t>(1 + seed % 67);
      const auto slot = static_cast<int64_t>(seed % kPageTokens);
      const std::vector<float> x = wild_row(static_cast<size_t>(n), seed);
      const OwnedBlock owned(KvType::kQ8_0, n, n);
      const OwnedBlock expected(KvType::kQ8_0, n, n);
      for (const int64_t at : {slot ^ 1, slot}) {
        table.store_key(x.data(), owned.block, at);
        table.store_value(x.data(), owned.block, at);
        scalar.store_key(x.data(), expected.block, at);
        scalar.store_value(x.data(), expected.block, at);
      }
      REQUIRE(bytes_of(owned.keys) == bytes_of(expected.keys));
      REQUIRE(bytes_of(owned.values) == bytes_of(expected.values));
      REQUIRE(bytes_of(owned.key_scales) == bytes_of(expected.key_scales));
      REQUIRE(bytes_of(owned.value_scales) == bytes_of(expected.value_scales));
    }
  }
}

TEST_CASE("q8_0 codes are near in each group, and what can't be held is nothing or the largest") {
  const KernelTable table = select(sys::Isa::kScalar);
  std::vector<float> x(5 * 32);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 32) - 15.0F;
  for (size_t i = 32; i < 64; ++i) x[i] *= 1e-4F;
  x[64 + 7] = kNaN;
  for (size_t i = 96; i < 128; ++i) x[i] *= 1e-9F;
  for (size_t i = 128; i < 160; ++i) x[i] *= 1e30F;
  const OwnedBlock owned(KvType::kQ8_0, 160, 160);
  table.store_key(x.data(), owned.block, 3);
  const auto* codes = static_cast<const int8_t*>(owned.block.keys);
  const auto* scales = static_cast<const uint16_t*>(owned.block.key_scales);
  for (int64_t i = 0; i < 160; ++i) {
    const float scale = f16_to_f32(scales[i / 32 * kPageTokens + 3]);
    const float code = codes[(i / 2 * kPageTokens + 3) * 2 + i % 2];
    CAPTURE(i);
    if (i < 64) CHECK(std::fabs(code * scale - x[static_cast<size_t>(i)]) <= 0.501F * scale);
    if (i >= 64 && i < 128) CHECK(code * scale == 0.0F);
    if (i == 159) CHECK(code * scale == 127.0F * 65504.0F);
  }
}

TEST_CASE("int16 codes are near, and no dot product of keys and queries leaves int32") {
  const KernelTable table = select(sys::Isa::kScalar);
  for (const int64_t n : {1, 2, 64, 128, 256, 4096}) {
    for (uint64_t seed = 0; seed < 12; ++seed) {
      std::vector<float> x = random_floats(static_cast<size_t>(n), seed, 3.0F);
      // Flat ones, and ones with a channel far above the others.
      if (seed % 3 == 0) {
        for (float& value : x) value = std::copysign(1.0F, value);
      }
      if (seed % 3 == 1) x[seed % x.size()] = 300.0F;
      std::vector<int16_t> codes(static_cast<size_t>(n + 1));
      const float scale = table.quantize_query(x.data(), n, codes.data());
      double length = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        length += double{static_cast<double>(codes[i])} * codes[i];
        CHECK(std::fabs(scale * static_cast<float>(codes[i]) - x[i]) <= 0.501F * scale);
      }
      CHECK(length < 0x1p31);
      CHECK(length > (n == 1 ? 0x1p29 : 0x1p29));
    }
  }
  const std::vector<float> zeros(8, 0.0F);
  std::vector<int16_t> codes(8, 7);
  CHECK(table.quantize_query(zeros.data(), 8, codes.data()) == 0.0F);
  CHECK(codes == std::vector<int16_t>(8, 0));
}

// n_rows query rows over n_keys keys; row r sees the last r of them no more, and none before
// begin().
struct Attention {
  int64_t d_k;
  int64_t d_v;
  int64_t n_keys;
  int64_t n_rows;
  float cap;
  int64_t first = 3;

  int64_t begin() const { return std::min<int64_t>(first, n_keys - n_rows); }
  int64_t end(int64_t r) const { return n_keys - r; }
};

// Keys, values and queries, [n, d] each, and the pages made of the first two. What lies past the
// last key is NaN.
struct AttentionData {
  KvType type;
  std::vector<float> k, v, q;
  std::vector<OwnedBlock> pages;

  AttentionData(const Attention& a, KvType kv_type, const KernelTable& table, float magnitude = 1)
      : type(kv_type),
        k(random_floats(static_cast<size_t>(a.n_keys * a.d_k), 51, magnitude)),
        v(random_floats(static_cast<size_t>(a.n_keys * a.d_v), 52)),
        q(random_floats(static_cast<size_t>(a.n_rows * a.d_k), 53)) {
    for (int64_t t = 0; t < a.n_keys; ++t) {
      if (t % kPageTokens == 0) pages.emplace_back(type, a.d_k, a.d_v);
      table.store_key(k.data() + t * a.d_k, pages.back().block, t % kPageTokens);
      table.store_value(v.data() + t * a.d_v, pages.back().block, t % kPageTokens);
    }
  }
};

// [n_rows, d_v]: what rows first..first+n-1 attend to when they walk together.
std::vector<float> attend(const KernelTable& table, const Attention& a, const AttentionData& data,
                          int64_t first, int64_t n) {
  std::vector<float> out(static_cast<size_t>(n * a.d_v));
  const int64_t width = (a.d_k + 1) / 2 * 2;
  std::vector<int16_t> codes(static_cast<size_t>(n * width));
  std::vector<AttnRow> rows;
  for (int64_t r = 0; r < n; ++r) {
    const float* q = data.q.data() + (first + r) * a.d_k;
    int16_t* q_codes = codes.data() + r * width;
    const float q_scale = table.quantize_query(q, a.d_k, q_codes);
    rows.push_back({q, q_codes, q_scale, out.data() + r * a.d_v, 0, 0, -kInf, {}});
  }
  for (int64_t page = 0; page * kPageTokens < a.n_keys; ++page) {
    std::vector<AttnRow*> at;  // a row that sees nothing of the page takes no part
    std::vector<AttnRow> seeing;
    for (int64_t r = 0; r < n; ++r) {
      AttnRow& row = rows[static_cast<size_t>(r)];
      const int64_t start = page * kPageTokens;
      row.begin = static_cast<int32_t>(std::max<int64_t>(a.begin() - start, 0));
      row.end = static_cast<int32_t>(std::min(a.end(first + r) - start, kPageTokens));
      if (row.begin >= row.end) continue;
      at.push_back(&row);
      seeing.push_back(row);
    }
    const auto index = static_cast<size_t>(page);
    const AttnPage walk = {
        .block = data.pages[index].block,
        .next = index + 1 < data.pages.size() ? data.pages[index + 1].block.keys : nullptr,
        .softcap = a.cap};
    table.attn_page[static_cast<size_t>(data.type)](walk, seeing.data(),
                                                    static_cast<int64_t>(seeing.size()));
    for (size_t i = 0; i < at.size(); ++i) *at[i] = seeing[i];
  }
  table.attn_finish(rows.data(), n, a.d_v);
  return out;
}

std::vector<double> exact_attention(const Attention& a, const AttentionData& data, int64_t r) {
  std::vector<double> scores;
  for (int64_t t = a.begin(); t < a.end(r); ++t) {
    double score = 0;
    for (int64_t i = 0; i < a.d_k; ++i) {
      score += static_cast<double>(data.q[static_cast<size_t>(r * a.d_k + i)]) *
               data.k[static_cast<size_t>(t * a.d_k + i)];
    }
    scores.push_back(a.cap > 0 ? a.cap * std::tanh(score / a.cap) : score);
  }
  const double largest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> sum(static_cast<size_t>(a.d_v));
  double total = 0;
  for (int64_t t = a.begin(); t < a.end(r); ++t) {
    const double p = std::exp(scores[static_cast<size_t>(t - a.begin())] - largest);
    total += p;
    for (int64_t j = 0; j < a.d_v; ++j) {
      sum[static_cast<size_t>(j)] += p * data.v[static_cast<size_t>(t * a.d_v + j)];
    }
  }
  for (double& value : sum) value /= total;
  return sum;
}

constexpr Attention kAttentions[] = {
    {128, 128, 150, 13, 0}, {64, 64, 1, 1, 0},        {80, 80, 64, 6, 0},
    {256, 256, 65, 4, 4},   {20, 36, 100, 9, 2},      {7, 5, 130, 3, 0},
    {64, 64, 200, 70, 0},   {16, 16, 70, 2, 0},       {96, 112, 129, 5, 0},
    {128, 128, 333, 7, 0},  {128, 64, 300, 8, 0, 97}, {64, 128, 192, 8, 3, 128}};

TEST_CASE("attention over pages gives the bits of scalar at every level and the right values") {
  for (const KvType type : kAllKvTypes) {
    constexpr double kTolerances[] = {1e-5, 2e-3, 1e-3, 3e-2};
    const double tolerance = kTolerances[static_cast<size_t>(type)];
    for (const Attention& a : kAttentions) {
      CAPTURE(a.n_keys);
      const KernelTable scalar = select(sys::Isa::kScalar);
      const AttentionData data(a, type, scalar);
      const std::vector<float> expected = attend(scalar, a, data, 0, a.n_rows);
      for (sys::Isa isa : levels()) {
        CAPTURE(sys::isa_name(isa));
        REQUIRE(first_difference(attend(select(isa), a, data, 0, a.n_rows), expected) == -1);
      }
      for (int64_t r = 0; r < a.n_rows; ++r) {
        const std::vector<double> want = exact_attention(a, data, r);
        for (size_t j = 0; j < want.size(); ++j) {
          const float got = expected[static_cast<size_t>(r * a.d_v) + j];
          REQUIRE(std::fabs(static_cast<double>(got) - want[j]) < tolerance);
        }
      }
    }
  }
}

TEST_CASE("a row attends to the same bits alone and beside others, whatever lies past its keys") {
  for (const KvType type : kAllKvTypes) {
    for (const Attention& a : kAttentions) {
      for (sys::Isa isa : levels()) {
        const KernelTable table = select(isa);
        const AttentionData data(a, type, table);
        const std::vector<float> together = attend(table, a, data, 0, a.n_rows);
        for (int64_t r = 0; r < a.n_rows; ++r) {
          const std::vector<float> alone = attend(table, a, data, r, 1);
          REQUIRE(first_difference(
                      alone, {together.data() + r * a.d_v, static_cast<size_t>(a.d_v)}) == -1);
        }
      }
    }
  }
}

TEST_CASE("every number of rows gives the bits of one row at a time") {
  for (int64_t n = 2; n <= 29; ++n) {
    const int64_t n_rows = n / 2;
    const Attention a{64, 80, 140, n_rows, 0};
    for (sys::Isa isa : levels()) {
      const KernelTable table = select(isa);
      const AttentionData data(a, n % 2 == 0 ? KvType::kI16 : KvType::kQ8_0, table);
      const std::vector<float> together = attend(table, a, data, 0, n_rows);
      for (int64_t r = 0; r < n_rows; ++r) {
        REQUIRE(first_difference(attend(table, a, data, r, 1),
                                 {together.data() + r * a.d_v, static_cast<size_t>(a.d_v)}) == -1);
      }
    }
  }
}

TEST_CASE("scores far apart, and pages that hardly count, are right in int16 too") {
  const Attention a{128, 128, 333, 7, 0};
  for (const float magnitude : {20.0F, 500.0F}) {
    for (sys::Isa isa : levels()) {
      const KernelTable table = select(isa);
      const AttentionData data(a, KvType::kI16, table, magnitude);
      const std::vector<float> got = attend(table, a, data, 0, a.n_rows);
      for (int64_t r = 0; r < a.n_rows; ++r) {
        const std::vector<double> want = exact_attention(a, data, r);
        for (size_t j = 0; j < want.size(); ++j) {
          const double value = got[static_cast<size_t>(r * a.d_v) + j];
          REQUIRE(std::fabs(value - want[j]) < 1e-4 * static_cast<double>(magnitude) + 4e-4);
        }
      }
    }
  }
}

}  // namespace
}  // namespace samovar::kernels::test
