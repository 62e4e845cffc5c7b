#include "plan/forecast.h"

#include <doctest/doctest.h>

namespace samovar::plan {
namespace {

constexpr TokenCost kCost{
    .layer_macs = 1e9, .logit_macs = 0.25e9, .weight_bytes = 0.9e9, .kv_bytes = 0.09e9};

TEST_CASE("answers are bound by reading, prompts by multiplying") {
  const Forecast found = forecast(kCost, {.bytes_per_second = 22e9, .macs_per_second = 400e9});
  CHECK(found.answer_per_second == doctest::Approx(20));
  CHECK(found.prompt_per_second == doctest::Approx(200));
}

TEST_CASE("where multiplying is slow, answers wait for it too") {
  const Forecast found = forecast(kCost, {.bytes_per_second = 22e9, .macs_per_second = 10e9});
  CHECK(found.answer_per_second == doctest::Approx(4));
}

TEST_CASE("a peak nobody has measured forecasts no prompts") {
  const Forecast found = forecast(kCost, {.bytes_per_second = 22e9});
  CHECK(found.answer_per_second == doctest::Approx(20));
  CHECK(found.prompt_per_second == 0);
  CHECK(forecast(kCost, {}).answer_per_second == 0);
}

}  // namespace
}  // namespace samovar::plan
