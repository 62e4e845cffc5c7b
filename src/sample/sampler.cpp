#include "sample/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace samovar::sample {
namespace {

constexpr float kBanned = -std::numeric_limits<float>::infinity();

int32_t argmax(std::span<const float> logits) {
  int32_t best = -1;
  float best_logit = kBanned;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] > best_logit) {
      best_logit = logits[i];
      best = static_cast<int32_t>(i);
    }
  }
  return best;
}

}  // namespace

Sampler::Sampler(Params params) : params_(std::move(params)), rng_(params_.seed) {}

void Sampler::accept(int32_t token) {
  const auto capacity = static_cast<size_t>(std::max(params_.repeat_last_n, 0));
  if (capacity == 0) return;
  if (recent_.size() < capacity) {
    recent_.push_back(token);
  } else {
    const auto oldest = recent_count_.find(recent_[recent_next_]);
    if (--oldest->second == 0) recent_count_.erase(oldest);
    recent_[recent_next_] = token;
    recent_next_ = (recent_next_ + 1) % capacity;
  }
  ++recent_count_[token];
}

int32_t Sampler::sample(std::span<float> logits) {
  apply_bias(logits);
  apply_penalties(logits);
  if (params_.temperature <= 0) return argmax(logits);
  collect(logits);
  if (candidates_.empty()) return -1;
  keep_typical();
  keep_top_p();
  keep_min_p();
  return draw();
}

void Sampler::apply_bias(std::span<float> logits) const {
  for (const auto& [token, bias] : params_.logit_bias) logits[static_cast<size_t>(token)] += bias;
}

// Repetition penalty: Keskar et al. 2019, "CTRL", section 4.1, with the sign rule that keeps a
// penalty from rewarding negative logits. Presence and frequency penalties: OpenAI API reference.
void Sampler::apply_penalties(std::span<float> logits) const {
  for (const auto& [token, count] : recent_count_) {
    const auto index = static_cast<size_t>(token);
    if (index >= logits.size()) continue;
    float& logit = logits[index];
    logit = logit > 0 ? logit / params_.repeat_penalty : logit * params_.repeat_penalty;
    logit -= params_.presence_penalty + params_.frequency_penalty * static_cast<float>(count);
  }
}

// The top_k largest in descending order (ties: lower id first), or all in descending order.
void Sampler::collect(std::span<const float> logits) {
  candidates_.clear();
  for (size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] > kBanned) candidates_.push_back({static_cast<int32_t>(i), logits[i]});
  }
  const auto better = [](const Candidate& a, const Candidate& b) {
    return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
  };
  const auto k = static_cast<size_t>(std::max(params_.top_k, 0));
  if (k > 0 && k < candidates_.size()) {
    const auto middle = candidates_.begin() + static_cast<std::ptrdiff_t>(k);
    std::nth_element(candidates_.begin(), middle, candidates_.end(), better);
    candidates_.resize(k);
  }
  std::sort(candidates_.begin(), candidates_.end(), better);
}

// Locally typical sampling: Meister et al. 2022, equation 5: the smallest set of tokens whose
// surprise is nearest to the entropy and whose mass reaches typical_p.
void Sampler::keep_typical() {
  if (params_.typical_p >= 1) return;
  const double max = candidates_.front().logit;
  double total = 0;
  for (const Candidate& c : candidates_) total += std::exp(c.logit - max);
  const double log_total = std::log(total) + max;
  double entropy = 0;
  for (const Candidate& c : candidates_) {
    const double log_p = c.logit - log_total;
    entropy -= std::exp(log_p) * log_p;
  }
  const auto distance = [&](const Candidate& c) { return std::abs(log_total - c.logit - entropy); };
  std::stable_sort(
      candidates_.begin(), candidates_.end(),
      [&](const Candidate& a, const Candidate& b) { return distance(a) < distance(b); });
  double mass = 0;
  size_t kept = 0;
  while (kept < candidates_.size() && (kept == 0 || mass < params_.typical_p)) {
    mass += std::exp(candidates_[kept++].logit - log_total);
  }
  candidates_.resize(kept);
  std::stable_sort(candidates_.begin(), candidates_.end(),
                   [](const Candidate& a, const Candidate& b) { return a.logit > b.logit; });
}

// Nucleus sampling: Holtzman et al. 2020, section 3.1: the smallest prefix whose mass reaches
// top_p.
void Sampler::keep_top_p() {
  if (params_.top_p >= 1) return;
  const double max = candidates_.front().logit;
  double total = 0;
  for (const Candidate& c : candidates_) total += std::exp(c.logit - max);
  double mass = 0;
  size_t kept = 0;
  while (kept < candidates_.size() && (kept == 0 || mass < params_.top_p * total)) {
    mass += std::exp(candidates_[kept++].logit - max);
  }
  candidates_.resize(kept);
}

// Min-p: Nguyen et al. 2024: p >= min_p * max p, which is a plain threshold on logits.
void Sampler::keep_min_p() {
  if (params_.min_p <= 0) return;
  const float threshold = candidates_.front().logit + std::log(params_.min_p);
  size_t kept = 1;
  while (kept < candidates_.size() && candidates_[kept].logit >= threshold) ++kept;
  candidates_.resize(kept);
}

int32_t Sampler::draw() {
  const double max = candidates_.front().logit;
  const auto weight = [&](const Candidate& c) {
    return std::exp((c.logit - max) / params_.temperature);
  };
  double total = 0;
  for (const Candidate& c : candidates_) total += weight(c);
  double left = rng_.next_double() * total;
  for (const Candidate& c : candidates_) {
    left -= weight(c);
    if (left < 0) return c.token;
  }
  return candidates_.back().token;
}

}  // namespace samovar::sample
