#include "sample/chances.h"

#include "sample/sampler.h"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

namespace samovar::sample {
namespace {

TEST_CASE("the model's chances are the softmax of raw logits, the likeliest first") {
  const std::vector<float> logits = {std::log(0.1F), std::log(0.4F), std::log(0.3F), std::log(0.2F),
                                     std::nanf("")};
  const TokenChances chances = model_chances(logits, 3, 2);
  CHECK(chances.drawn.token == 3);
  CHECK(chances.drawn.value == doctest::Approx(std::log(0.2)));
  REQUIRE(chances.top.size() == 2);
  CHECK(chances.top[0].token == 1);
  CHECK(chances.top[0].value == doctest::Approx(std::log(0.4)));
  CHECK(chances.top[1].token == 2);
  CHECK(model_chances(logits, 0, 100).top.size() == 5);
  CHECK(model_chances(logits, 0, 0).top.empty());
}

TEST_CASE("a certain token has the logarithm 0, an impossible one the least") {
  const float banned = -std::numeric_limits<float>::infinity();
  const TokenChances chances = model_chances(std::vector<float>{banned, 50, banned}, 1, 2);
  CHECK(chances.drawn.value == 0);
  CHECK(chances.top[1].value == banned);
}

TEST_CASE("bias and penalties do not change the model's chances") {
  Params params;
  params.temperature = 0;
  params.logit_bias = {{0, 100.0F}};
  Sampler sampler(params);
  std::vector<float> logits = {0, 0};
  const Drawn drawn = draw(sampler, logits, {}, {.kind = ChanceKind::kModel, .n_top = 1});
  CHECK(drawn.token == 0);
  REQUIRE(drawn.chances);
  CHECK(drawn.chances->drawn.value == doctest::Approx(std::log(0.5)));
}

TEST_CASE("what may not be drawn does not change the model's chances") {
  Sampler sampler(Params{.temperature = 0});
  std::vector<float> logits = {std::log(0.1F), std::log(0.6F), std::log(0.3F)};
  const std::vector<uint32_t> allowed = {0b101};
  const Drawn drawn = draw(sampler, logits, allowed, {.kind = ChanceKind::kModel, .n_top = 2});
  CHECK(drawn.token == 2);
  REQUIRE(drawn.chances);
  CHECK(drawn.chances->drawn.value == doctest::Approx(std::log(0.3)));
  REQUIRE(drawn.chances->top.size() == 2);
  CHECK(drawn.chances->top[0].token == 1);
  CHECK(drawn.chances->top[0].value == doctest::Approx(std::log(0.6)));
  const Drawn only = draw(sampler, logits, allowed, {.kind = ChanceKind::kDrawn, .n_top = 2});
  CHECK(only.token == 2);
  REQUIRE(only.chances);
  CHECK(only.chances->top.size() == 1);
}

TEST_CASE("chances of the draw name only tokens that could be drawn, and add up to 1") {
  Params params;
  params.temperature = 1;
  params.top_k = 2;
  params.top_p = 1;
  params.min_p = 0;
  Sampler sampler(params);
  std::vector<float> logits = {std::log(0.1F), std::log(0.6F), std::log(0.3F)};
  const Drawn drawn = draw(sampler, logits, {}, {.kind = ChanceKind::kDrawn, .n_top = 10});
  REQUIRE(drawn.chances);
  REQUIRE(drawn.chances->top.size() == 2);
  CHECK(drawn.chances->top[0].token == 1);
  CHECK(drawn.chances->top[0].value == doctest::Approx(2.0 / 3));
  CHECK(drawn.chances->top[1].value == doctest::Approx(1.0 / 3));
  CHECK(drawn.chances->drawn.value > 0);
}

TEST_CASE("the likeliest token taken without a draw has the probability 1") {
  Params params;
  params.temperature = 0;
  Sampler sampler(params);
  std::vector<float> logits = {1, 2, 3};
  const Drawn drawn = draw(sampler, logits, {}, {.kind = ChanceKind::kDrawn, .n_top = 3});
  CHECK(drawn.token == 2);
  REQUIRE(drawn.chances->top.size() == 1);
  CHECK(drawn.chances->drawn.value == 1);
}

TEST_CASE(
    "a token that had to come keeps the model's chance of it, and is the only one of the draw") {
  const std::vector<float> logits = {1, 2, 3};
  const Drawn model = take(0, logits, {.kind = ChanceKind::kModel, .n_top = 1});
  CHECK(model.token == 0);
  CHECK(model.chances->drawn.value == model_chances(logits, 0, 1).drawn.value);
  CHECK(model.chances->top.front().token == 2);
  const Drawn drawn = take(0, logits, {.kind = ChanceKind::kDrawn, .n_top = 2});
  CHECK(drawn.chances->drawn.value == 1);
  CHECK(drawn.chances->top.size() == 1);
  CHECK(take(0, logits, {}).chances == nullptr);
}

TEST_CASE("without a wish there are no chances") {
  Sampler sampler(Params{});
  std::vector<float> logits = {1, 2};
  CHECK(draw(sampler, logits, {}, {}).chances == nullptr);
}

}  // namespace
}  // namespace samovar::sample
