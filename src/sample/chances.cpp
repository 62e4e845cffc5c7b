#include "sample/chances.h"

#include "sample/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace samovar::sample {
namespace {

// Descending by value, equal ones by id; NaN counts as the least.
std::vector<Chance> largest(std::span<const float> values, int32_t n) {
  std::vector<Chance> out;
  out.reserve(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const float value = std::isnan(values[i]) ? -std::numeric_limits<float>::infinity() : values[i];
    out.push_back({static_cast<int32_t>(i), value});
  }
  const auto better = [](const Chance& a, const Chance& b) {
    return a.value != b.value ? a.value > b.value : a.token < b.token;
  };
  const size_t kept = std::min(out.size(), static_cast<size_t>(std::max(n, 0)));
  if (kept < out.size()) {
    std::nth_element(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(kept), out.end(),
                     better);
    out.resize(kept);
  }
  std::sort(out.begin(), out.end(), better);
  return out;
}

double log_sum_exp(std::span<const float> logits) {
  double max = -std::numeric_limits<double>::infinity();
  for (const float logit : logits) {
    if (logit > max) max = logit;
  }
  double sum = 0;
  for (const float logit : logits) {
    if (!std::isnan(logit)) sum += std::exp(logit - max);
  }
  return max + std::log(sum);
}

void ban_others(std::span<const uint32_t> allowed, std::span<float> logits) {
  if (allowed.empty()) return;
  for (size_t i = 0; i < logits.size(); ++i) {
    const bool is_allowed = ((allowed[i / 32] >> (i % 32)) & 1U) != 0;
    logits[i] = is_allowed ? logits[i] : kBanned;
  }
}

}  // namespace

TokenChances model_chances(std::span<const float> logits, int32_t token, int32_t n_top) {
  const double total = log_sum_exp(logits);
  // Rounding must not make a probability above 1.
  const auto log_p = [&](double logit) { return static_cast<float>(std::min(0.0, logit - total)); };
  TokenChances out{.drawn = {token, log_p(logits[static_cast<size_t>(token)])},
                   .top = largest(logits, n_top)};
  for (Chance& chance : out.top) chance.value = log_p(chance.value);
  return out;
}

Drawn take(int32_t token, std::span<const float> logits, const ChanceWish& wish) {
  Drawn out{.token = token};
  if (wish.kind == ChanceKind::kModel) {
    out.chances = std::make_shared<const TokenChances>(model_chances(logits, token, wish.n_top));
  } else if (wish.kind == ChanceKind::kDrawn) {
    TokenChances only{.drawn = {token, 1.0F}};
    if (wish.n_top > 0) only.top.push_back(only.drawn);
    out.chances = std::make_shared<const TokenChances>(std::move(only));
  }
  return out;
}

Drawn draw(Sampler& sampler, std::span<float> logits, std::span<const uint32_t> allowed,
           const ChanceWish& wish) {
  Drawn out;
  if (wish.kind == ChanceKind::kModel) {
    std::vector<float> scratch(logits.begin(), logits.end());
    ban_others(allowed, scratch);
    out.token = sampler.sample(scratch);
    if (out.token < 0) return out;
    out.chances =
        std::make_shared<const TokenChances>(model_chances(logits, out.token, wish.n_top));
    return out;
  }
  ban_others(allowed, logits);
  out.token = sampler.sample(logits);
  if (wish.kind == ChanceKind::kDrawn && out.token >= 0) {
    out.chances =
        std::make_shared<const TokenChances>(sampler.drawn_chances(out.token, wish.n_top));
  }
  return out;
}

}  // namespace samovar::sample
