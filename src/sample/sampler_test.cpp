#include "sample/sampler.h"

#include <array>
#include <cmath>
#include <set>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::sample {
namespace {

// Everything off: a plain draw from softmax(logits).
Params plain() {
  Params params;
  params.temperature = 1;
  params.top_k = 0;
  params.top_p = 1;
  params.min_p = 0;
  params.seed = 7;
  return params;
}

std::set<int32_t> support(const Params& params, const std::vector<float>& logits) {
  Sampler sampler(params);
  std::set<int32_t> seen;
  for (int i = 0; i < 4000; ++i) {
    std::vector<float> copy = logits;
    seen.insert(sampler.sample(copy));
  }
  return seen;
}

TEST_CASE("temperature 0 takes the largest logit, the lower id on a tie") {
  Params params;
  params.temperature = 0;
  Sampler sampler(params);
  std::vector<float> logits = {1, 5, 5, std::nanf("")};
  CHECK(sampler.sample(logits) == 1);
}

TEST_CASE("the same seed draws the same tokens, another seed others") {
  const auto sequence = [](uint64_t seed) {
    Params params = plain();
    params.seed = seed;
    Sampler sampler(params);
    std::vector<int32_t> tokens;
    for (int i = 0; i < 50; ++i) {
      std::vector<float> logits(100, 0.0F);
      tokens.push_back(sampler.sample(logits));
    }
    return tokens;
  };
  CHECK(sequence(1) == sequence(1));
  CHECK(sequence(1) != sequence(2));
}

TEST_CASE("draws follow the softmax") {
  Sampler sampler(plain());
  std::array<int, 3> count{};
  for (int i = 0; i < 30000; ++i) {
    std::vector<float> logits = {std::log(0.2F), std::log(0.5F), std::log(0.3F)};
    ++count.at(static_cast<size_t>(sampler.sample(logits)));
  }
  CHECK(count[0] / 30000.0 == doctest::Approx(0.2).epsilon(0.05));
  CHECK(count[1] / 30000.0 == doctest::Approx(0.5).epsilon(0.05));
}

TEST_CASE("each filter keeps what its definition keeps") {
  const std::vector<float> logits = {std::log(0.1F), std::log(0.4F), std::log(0.3F),
                                     std::log(0.2F)};
  Params params = plain();
  params.top_k = 2;
  CHECK(support(params, logits) == std::set<int32_t>{1, 2});
  params = plain();
  params.top_p = 0.6F;
  CHECK(support(params, logits) == std::set<int32_t>{1, 2});
  params = plain();
  params.min_p = 0.45F;
  CHECK(support(params, logits) == std::set<int32_t>{1, 2, 3});
  params = plain();
  params.typical_p = 0.25F;  // entropy 1.28: the surprise of p = 0.3 (1.20) is nearest
  CHECK(support(params, logits) == std::set<int32_t>{2});
}

TEST_CASE("bias forces and bans, and nothing is drawn when all is banned") {
  Params params = plain();
  params.logit_bias = {{0, kBanned}, {2, 100.0F}};
  CHECK(support(params, {9, 1, 1}) == std::set<int32_t>{2});
  params.logit_bias = {{0, kBanned}};
  Sampler sampler(params);
  std::vector<float> logits = {3};
  CHECK(sampler.sample(logits) == -1);
}

TEST_CASE("bias beyond the largest number draws that token and no other") {
  Params params = plain();
  params.logit_bias = {{1, 3e38F}};
  CHECK(support(params, {1, 3e38F, 1}) == std::set<int32_t>{1});
  for (const int32_t version : {1, 2}) {
    params.mirostat = version;
    params.mirostat_tau = 1e30F;  // a surprise that has no number of tokens
    CHECK(support(params, {1, 3e38F, 1}) == std::set<int32_t>{1});
  }
}

TEST_CASE("penalties see only the last tokens") {
  Params params;
  params.temperature = 0;
  params.repeat_last_n = 2;
  params.frequency_penalty = 1;
  params.presence_penalty = 0.5F;
  Sampler sampler(params);
  for (const int32_t token : {0, 1, 1}) sampler.accept(token);  // 0 has left the window
  std::vector<float> logits = {1, 3, 0};
  CHECK(sampler.sample(logits) == 0);
  CHECK(logits[1] == doctest::Approx(0.5));

  params = Params();
  params.temperature = 0;
  params.repeat_penalty = 2;
  Sampler repeat(params);
  repeat.accept(0);
  repeat.accept(1);
  logits = {4, -1, 1.5F};
  CHECK(repeat.sample(logits) == 0);
  CHECK(logits[0] == doctest::Approx(2));
  CHECK(logits[1] == doctest::Approx(-2));
}

}  // namespace
}  // namespace samovar::sample
