#include "tensor/half.h"

#include <bit>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

namespace samovar {
namespace {

uint32_t bits_of(float value) {
  return std::bit_cast<uint32_t>(value);
}

TEST_CASE("every f16 survives the way to f32 and back") {
  for (uint32_t i = 0; i < 0x10000; ++i) {
    const auto half = static_cast<uint16_t>(i);
    const float value = f16_to_f32(half);
    if ((half & 0x7FFF) > 0x7C00) {
      CHECK(std::isnan(value));
      CHECK(std::isnan(f16_to_f32(f32_to_f16(value))));
    } else if (f32_to_f16(value) != half) {
      FAIL_CHECK("f16 bits " << i);
    }
  }
}

TEST_CASE("f32 to f16 rounds to the nearest, ties to even") {
  for (uint32_t i = 0; i < 0x7BFF; ++i) {  // neighbours: lower, lower + 1
    const float lower = f16_to_f32(static_cast<uint16_t>(i));
    const float upper = f16_to_f32(static_cast<uint16_t>(i + 1));
    const float middle = (lower + upper) / 2;  // exact in f32
    const uint32_t even = i % 2 == 0 ? i : i + 1;
    if (f32_to_f16(middle) != even || f32_to_f16(std::nextafter(middle, 0.0F)) != i ||
        f32_to_f16(std::nextafter(middle, 1e9F)) != i + 1) {
      FAIL_CHECK("between f16 bits " << i << " and the next");
    }
  }
}

TEST_CASE("the edges of f16") {
  CHECK(f16_to_f32(0x3C00) == 1.0F);
  CHECK(f16_to_f32(0xC000) == -2.0F);
  CHECK(f16_to_f32(0x0001) == 0x1.0p-24F);
  CHECK(bits_of(f16_to_f32(0x8000)) == 0x80000000U);
  CHECK(f32_to_f16(65504.0F) == 0x7BFF);
  CHECK(f32_to_f16(std::nextafter(65520.0F, 0.0F)) == 0x7BFF);
  CHECK(f32_to_f16(65520.0F) == 0x7C00);
  CHECK(f32_to_f16(-std::numeric_limits<float>::infinity()) == 0xFC00);
  CHECK(f32_to_f16(0x1.0p-25F) == 0);  // a tie between 0 and 2^-24
  CHECK(f32_to_f16(0x1.000002p-25F) == 1);
  CHECK(f32_to_f16(-1e-30F) == 0x8000);
}

TEST_CASE("bf16 rounds to the nearest, ties to even, and keeps NaN") {
  CHECK(bf16_to_f32(0x3F80) == 1.0F);
  CHECK(f32_to_bf16(1.0F) == 0x3F80);
  CHECK(f32_to_bf16(std::bit_cast<float>(0x3F808000U)) == 0x3F80);  // tie, down to even
  CHECK(f32_to_bf16(std::bit_cast<float>(0x3F818000U)) == 0x3F82);  // tie, up to even
  CHECK(f32_to_bf16(std::bit_cast<float>(0x3F808001U)) == 0x3F81);
  CHECK(f32_to_bf16(std::numeric_limits<float>::max()) == 0x7F80);
  CHECK(std::isnan(bf16_to_f32(f32_to_bf16(std::bit_cast<float>(0x7F800001U)))));
}

}  // namespace
}  // namespace samovar
