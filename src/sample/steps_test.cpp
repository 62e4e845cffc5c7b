// The steps between logits and draw, each against a plain reference on small vectors.
#include "base/rng.h"
#include "sample/dry.h"
#include "sample/sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::sample {
namespace {

// Only `steps`, everything else off.
Params only(std::vector<Step> steps) {
  Params params;
  params.temperature = 1;
  params.top_k = 0;
  params.top_p = 1;
  params.min_p = 0;
  params.seed = 7;
  params.steps = std::move(steps);
  return params;
}

std::vector<float> logs(const std::vector<double>& probabilities) {
  std::vector<float> out;
  for (const double p : probabilities) out.push_back(static_cast<float>(std::log(p)));
  return out;
}

std::map<int32_t, double> frequencies(const Params& params, const std::vector<float>& logits) {
  constexpr int kDraws = 20000;
  Sampler sampler(params);
  std::map<int32_t, double> out;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<float> copy = logits;
    out[sampler.sample(copy)] += 1.0 / kDraws;
  }
  return out;
}

std::set<int32_t> support_of(const Params& params, const std::vector<float>& logits) {
  std::set<int32_t> out;
  for (const auto& [token, frequency] : frequencies(params, logits)) out.insert(token);
  return out;
}

TEST_CASE("top-n-sigma keeps logits within n standard deviations of the largest") {
  // Mean 2, deviation 4 (population): 10 - 1 * 4 = 6; 10 - 2.1 * 4 = 1.6.
  const std::vector<float> logits = {10, 0, 0, 0, 0};
  Params params = only({Step::kTopNSigma});
  params.top_n_sigma = 1;
  CHECK(support_of(params, logits) == std::set<int32_t>{0});
  params.top_n_sigma = 1.2F;
  CHECK(support_of(params, {3, 2, 0, 0}) == std::set<int32_t>{0, 1});
  params.top_n_sigma = -1;
  CHECK(support_of(params, {1, 1, 1}).size() == 3);
}

TEST_CASE("XTC leaves out all likely tokens but the least likely of them") {
  const std::vector<float> logits = logs({0.4, 0.3, 0.2, 0.1});
  Params params = only({Step::kXtc});
  params.xtc_probability = 1;
  params.xtc_threshold = 0.15F;
  CHECK(support_of(params, logits) == std::set<int32_t>{2, 3});
  params.xtc_threshold = 0.35F;  // one token only: nothing to leave out
  CHECK(support_of(params, logits).size() == 4);
  params.xtc_threshold = 0.6F;
  CHECK(support_of(params, logits).size() == 4);
  params.xtc_threshold = 0.15F;
  params.xtc_probability = 0.5F;  // half of the draws see all four
  CHECK(frequencies(params, logits)[0] == doctest::Approx(0.2).epsilon(0.1));
}

TEST_CASE("the draws keep their numbers when XTC is on but does nothing") {
  const auto sequence = [](float probability) {
    Params params = only({Step::kXtc});
    params.xtc_probability = probability;
    params.xtc_threshold = 0.45F;  // no two tokens are that likely
    Sampler sampler(params);
    std::vector<int32_t> tokens;
    for (int i = 0; i < 40; ++i) {
      std::vector<float> logits(50, 0.0F);
      tokens.push_back(sampler.sample(logits));
    }
    return tokens;
  };
  CHECK(sequence(0) == sequence(0.5F));
}

TEST_CASE("dynamic temperature follows the entropy") {
  Params params = only({Step::kTemperature});
  params.temperature = 1;
  params.dynatemp_range = 0.5F;
  // Two equal tokens: all the entropy there can be, so the temperature is 1.5, which keeps them
  // equal. A token of 0.9: reference by the formula.
  const double h = -(0.9 * std::log(0.9) + 0.1 * std::log(0.1)) / std::log(2.0);
  const double t = 0.5 + h;
  const double expected = 1 / (1 + std::pow(1.0 / 9, 1 / t));
  CHECK(frequencies(params, logs({0.9, 0.1}))[0] == doctest::Approx(expected).epsilon(0.02));
  CHECK(frequencies(params, logs({0.5, 0.5}))[0] == doctest::Approx(0.5).epsilon(0.05));
}

TEST_CASE("min_keep holds tokens that a filter would leave out") {
  const std::vector<float> logits = logs({0.7, 0.2, 0.1});
  for (const Step step : {Step::kTopP, Step::kMinP, Step::kTypical}) {
    Params params = only({step});
    params.top_p = 0.1F;
    params.min_p = 0.9F;
    params.typical_p = 0.01F;
    CHECK(support_of(params, logits).size() == 1);
    params.min_keep = 2;
    CHECK(support_of(params, logits).size() == 2);
  }
}

TEST_CASE("steps work in the order that is asked for, and only those") {
  const std::vector<float> logits = logs({0.5, 0.3, 0.15, 0.05});
  Params params = only({Step::kTemperature, Step::kTopP});
  params.temperature = 4;  // flat: the two likeliest are no longer 0.8
  params.top_p = 0.75F;
  CHECK(support_of(params, logits) == std::set<int32_t>{0, 1, 2});
  params.steps = {Step::kTopP, Step::kTemperature};
  CHECK(support_of(params, logits) == std::set<int32_t>{0, 1});
  params.steps = {};
  CHECK(support_of(params, logits).size() == 4);
  params = only({Step::kTopK});
  params.temperature = 0;  // no step of that name: drawn at 1
  params.top_k = 3;
  CHECK(support_of(params, logits) == std::set<int32_t>{0, 1, 2});
}

TEST_CASE("penalties behind a filter change what is left") {
  Params params = only({Step::kTopK, Step::kPenalties});
  params.top_k = 2;
  params.presence_penalty = 100;
  Sampler sampler(params);
  sampler.accept(0);
  std::vector<float> logits = {3, 2, 1};
  CHECK(sampler.sample(logits) == 1);
}

TEST_CASE("penalties behind the temperature are as strong as if it had divided the logits") {
  Params params = only({Step::kTemperature, Step::kPenalties, Step::kDry});
  params.temperature = 0.5F;
  params.presence_penalty = 0.5F;
  params.frequency_penalty = 0.25F;
  params.dry_multiplier = 1;
  params.dry_allowed_length = 1;
  Sampler sampler(params);
  for (const int32_t token : {0, 1, 2, 0}) sampler.accept(token);
  std::vector<float> logits = {0, 0, 0, 0};
  sampler.sample(logits);
  // Of token 0 it is 0.5 + 2 * 0.25, of 1 (which goes on with 0) 0.5 + 0.25 + 1, of 2 0.75.
  const std::array<double, 4> weights = {std::exp(-1.0), std::exp(-1.75), std::exp(-0.75), 1};
  const double total = weights[0] + weights[1] + weights[2] + weights[3];
  const TokenChances chances = sampler.drawn_chances(0, 4);
  REQUIRE(chances.top.size() == 4);
  for (const Chance& chance : chances.top) {
    CAPTURE(chance.token);
    CHECK(chance.value ==
          doctest::Approx(weights[static_cast<size_t>(chance.token)] / total).epsilon(1e-4));
  }
}

// DRY by its definition: for each place where the longest possible suffix matches.
std::map<int32_t, size_t> matches(const std::vector<int32_t>& history) {
  std::map<int32_t, size_t> longest;
  const size_t n = history.size();
  for (size_t end = 1; end < n; ++end) {
    size_t length = 0;
    while (length < end && history[end - 1 - length] == history[n - 1 - length]) ++length;
    if (length > 0) longest[history[end]] = std::max(longest[history[end]], length);
  }
  return longest;
}

TEST_CASE("DRY penalizes what would go on with a repetition, by its length") {
  const std::vector<int32_t> history = {1, 2, 3, 4, 9, 2, 3, 5, 8, 1, 2, 3};
  Params params;
  params.dry_multiplier = 0.8F;
  params.dry_base = 2;
  params.dry_allowed_length = 2;
  std::map<int32_t, float> got;
  for (const auto& [token, penalty] : dry_penalties(history, params)) got[token] = penalty;
  for (const auto& [token, length] : matches(history)) {
    if (length < 2) continue;
    CHECK(got[token] == doctest::Approx(0.8 * std::pow(2.0, static_cast<double>(length) - 2)));
  }
  CHECK(got.size() == 2);  // 4 after (1 2 3), 5 after (2 3)
  CHECK(got[4] == doctest::Approx(1.6));
  CHECK(got[5] == doctest::Approx(0.8));
}

TEST_CASE("no repetition reaches over a breaker, and long ones stay finite") {
  Params params;
  params.dry_multiplier = 1;
  params.dry_allowed_length = 2;
  params.dry_breakers = {2};
  CHECK(dry_penalties(std::vector<int32_t>{1, 2, 3, 4, 1, 2, 3}, params).empty());
  params.dry_breakers = {3};
  CHECK(dry_penalties(std::vector<int32_t>{1, 2, 3, 4, 1, 2, 3}, params).empty());
  params.dry_breakers = {};
  params.dry_base = 1e6F;
  const auto penalties = dry_penalties(std::vector<int32_t>(500, 7), params);
  REQUIRE(penalties.size() == 1);
  CHECK(std::isfinite(penalties[0].second));
}

TEST_CASE("DRY finds the longest matches of any history, up to a breaker") {
  Params params;
  params.dry_multiplier = 1;
  params.dry_base = 1.01F;
  params.dry_allowed_length = 1;
  params.dry_breakers = {3};
  Rng rng(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<int32_t> history(200);
    const double n_tokens = round % 4 + 1;  // 4: with breakers
    for (int32_t& token : history) token = static_cast<int32_t>(rng.next_double() * n_tokens);
    // What stands before the last breaker and a token of its own cannot match.
    std::vector<int32_t> whole = history;
    const auto breaker = std::find(whole.rbegin(), whole.rend(), 3);
    if (breaker != whole.rend()) *breaker = 4;
    std::map<int32_t, size_t> expected = matches(whole);
    expected.erase(3);
    expected.erase(4);
    if (history.back() == 3) expected.clear();
    std::map<int32_t, size_t> got;
    for (const auto& [token, penalty] : dry_penalties(history, params)) {
      got[token] = static_cast<size_t>(std::lround(std::log(penalty) / std::log(1.01))) + 1;
    }
    CHECK(got == expected);
  }
}

TEST_CASE("DRY may allow repetitions of any length") {
  Params params;
  params.dry_multiplier = 1;
  params.dry_base = 2;
  params.dry_allowed_length = 100;
  const auto penalties = dry_penalties(std::vector<int32_t>(104, 7), params);
  REQUIRE(penalties.size() == 1);
  CHECK(penalties[0].second == doctest::Approx(8));  // 103 tokens match
  CHECK(dry_penalties(std::vector<int32_t>(100, 7), params).empty());
}

TEST_CASE("DRY looks back only as far as it is told") {
  Params params = only({Step::kDry});
  params.temperature = 0;
  params.dry_multiplier = 100;
  params.steps = {Step::kDry, Step::kTemperature};
  const auto next = [&](int32_t last_n) {
    params.dry_last_n = last_n;
    Sampler sampler(params);
    for (const int32_t token : {0, 1, 2, 5, 5, 5, 0, 1}) sampler.accept(token);
    std::vector<float> logits = {0, 0, 9, 1};
    return sampler.sample(logits);
  };
  CHECK(next(8) == 3);  // (0 1) was followed by 2
  CHECK(next(4) == 2);
  CHECK(next(0) == 2);
}

TEST_CASE("mirostat 2 brings the mean surprise to its aim") {
  std::vector<double> p(200);
  double total = 0;
  for (size_t i = 0; i < p.size(); ++i) total += p[i] = 1.0 / static_cast<double>(i + 1);
  for (double& x : p) x /= total;
  for (const int version : {1, 2}) {
    Params params = only({});
    params.mirostat = version;
    params.mirostat_tau = 3;
    Sampler sampler(params);
    double surprise = 0;
    constexpr int kDraws = 4000;
    for (int i = 0; i < kDraws; ++i) {
      std::vector<float> logits = logs(p);
      TokenChances chances = sampler.drawn_chances(sampler.sample(logits), 0);
      surprise -= std::log2(chances.drawn.value) / kDraws;
    }
    CAPTURE(version);
    CHECK(surprise == doctest::Approx(3).epsilon(0.15));
  }
}

TEST_CASE("mirostat without temperature takes the likeliest") {
  Params params = only({});
  params.mirostat = 2;
  params.temperature = 0;
  CHECK(support_of(params, {1, 4, 2}) == std::set<int32_t>{1});
}

}  // namespace
}  // namespace samovar::sample
