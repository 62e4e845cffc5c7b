#include "api/vector_text.h"

#include "json/json.h"

#include <cmath>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

std::vector<float> formed(std::vector<float> values, VectorForm form) {
  return formed_vector(values, form);
}

TEST_CASE("a vector is cut before it is normalised") {
  CHECK(formed({3, 4, 12}, {}) == std::vector<float>{3.0F / 13, 4.0F / 13, 12.0F / 13});
  CHECK(formed({3, 4, 12}, {.n_dimensions = 2}) == std::vector<float>{0.6F, 0.8F});
  CHECK(formed({3, 4}, {.n_dimensions = 5, .norm = kNotNormalised}) == std::vector<float>{3, 4});
}

TEST_CASE("each norm is llama-server's") {
  CHECK(formed({1, -4}, {.norm = kMaxAbsolute}) == std::vector<float>{8190, -32760});
  CHECK(formed({1, -3}, {.norm = 1}) == std::vector<float>{0.25F, -0.75F});
  const float cube_root = static_cast<float>(std::cbrt(9.0));
  CHECK(formed({1, 2}, {.norm = 3})[0] == doctest::Approx(1 / cube_root));
  CHECK(formed({1e-3F, 2}, {.norm = 2'000'000})[1] == 1);  // no power leaves the range
  for (const int32_t norm : {kNotNormalised, kMaxAbsolute, 1, kEuclidean, 7}) {
    CHECK(formed({0, 0}, {.norm = norm}) == std::vector<float>{0, 0});
  }
}

TEST_CASE("numbers of a vector give back the same floats, and are JSON") {
  const std::vector<float> values = {0.1F, -1.0F / 3, 1e-30F, 3.0e38F, 0, 16777216, -0.0F};
  std::string text;
  append_vector(text, values, VectorEncoding::kNumbers);
  const auto parsed = json::parse(text);
  REQUIRE(parsed.ok());
  CHECK(parsed->get<std::vector<float>>() == values);
  CHECK(text.starts_with("[0.1,"));
}

TEST_CASE("base64 holds the little-endian floats") {
  std::string text;
  append_vector(text, std::vector<float>{1, -2}, VectorEncoding::kBase64);
  CHECK(text == "\"AACAPwAAAMA=\"");
}

}  // namespace
}  // namespace samovar::api
