#include "api/generation_fields.h"

#include "engine/test_model.h"
#include "json/json.h"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

TEST_CASE("biases of one token become one finite sum; a ban stays a ban") {
  const auto model = engine::test_model();
  const auto body = json::parse(R"({"logit_bias": [["7", 1], [5, 2], [7, 1e308], ["ab", -1],
                                                   [5, false], [5, 9], [99999, 1], ["x"]]})");
  REQUIRE(body.ok());
  Fields fields(*body);
  const auto read = read_generation_fields(fields, Dialect::kChat, {}, model->tokenizer());
  CHECK_FALSE(fields.error());
  const auto& biases = read.sampling.logit_bias;
  REQUIRE(biases.size() == 3);
  CHECK(biases[0] == std::pair<int32_t, float>(5, -std::numeric_limits<float>::infinity()));
  CHECK(biases[1].first == 7);
  CHECK(std::isfinite(biases[1].second));
  CHECK(biases[2] == std::pair<int32_t, float>(256, -1.0F));  // "ab"
}

}  // namespace
}  // namespace samovar::api
