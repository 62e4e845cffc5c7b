#include "sample/sampler.h"

#include "sample/dry.h"

#include <algorithm>
#include <cmath>

namespace samovar::sample {
namespace {

constexpr uint64_t kXtcStream = 0x5854432D73747265U;  // any constant: another sequence

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

bool dry_is_on(const Params& params) {
  return params.dry_multiplier > 0 && params.dry_base >= 1 && params.dry_last_n > 0;
}

}  // namespace

Sampler::Sampler(Params params)
    : params_(std::move(params)),
      rng_(params_.seed),
      xtc_rng_(params_.seed ^ kXtcStream),
      mirostat_mu_(2.0 * params_.mirostat_tau) {}

bool Sampler::takes(Step step) const {
  return std::find(params_.steps.begin(), params_.steps.end(), step) != params_.steps.end();
}

void Sampler::accept(int32_t token) {
  if (dry_is_on(params_)) {
    // Twice the window before the old half goes: constant time for a token.
    const auto window = static_cast<size_t>(params_.dry_last_n);
    if (history_.size() >= 2 * window) {
      history_.erase(history_.begin(), history_.end() - static_cast<std::ptrdiff_t>(window));
    }
    history_.push_back(token);
  }
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
  if (params_.mirostat != 0) return sample_mirostat(logits);
  if (is_greedy()) return sample_greedy(logits);
  // Penalties that come before any filter work on the logits, where a token is found by its id.
  size_t i = 0;
  for (; i < params_.steps.size(); ++i) {
    if (params_.steps[i] == Step::kPenalties) {
      apply_penalties(logits);
    } else if (params_.steps[i] == Step::kDry) {
      apply_dry(logits);
    } else {
      break;
    }
  }
  candidates_.collect(logits);
  for (; i < params_.steps.size() && !candidates_.empty(); ++i) filter(params_.steps[i]);
  if (candidates_.empty()) return -1;
  return candidates_.items()[candidates_.index_at(rng_.next_double())].token;
}

int32_t Sampler::sample_greedy(std::span<float> logits) {
  if (takes(Step::kPenalties)) apply_penalties(logits);
  if (takes(Step::kDry)) apply_dry(logits);
  const int32_t token = argmax(logits);
  candidates_.take_only(token);
  return token;
}

void Sampler::apply_bias(std::span<float> logits) const {
  for (const auto& [token, bias] : params_.logit_bias) logits[static_cast<size_t>(token)] += bias;
}

// Repetition penalty: Keskar et al. 2019, "CTRL", section 4.1, with the sign rule that keeps a
// penalty from rewarding negative logits. Presence and frequency penalties: OpenAI API reference.
// Logits that a temperature divides later are penalized as if it had divided them before.
float Sampler::penalized(int32_t token, float logit, double temperature) const {
  const auto found = recent_count_.find(token);
  if (found == recent_count_.end() || logit == kBanned) return logit;
  logit = logit > 0 ? logit / params_.repeat_penalty : logit * params_.repeat_penalty;
  const double amount =
      params_.presence_penalty + static_cast<double>(params_.frequency_penalty) * found->second;
  return bounded(logit - amount * temperature);
}

void Sampler::apply_penalties(std::span<float> logits) const {
  for (const auto& [token, count] : recent_count_) {
    const auto index = static_cast<size_t>(token);
    if (index < logits.size()) logits[index] = penalized(token, logits[index], 1);
  }
}

// What DRY takes from tokens now. REQUIRES: dry_is_on(params_).
std::vector<std::pair<int32_t, float>> Sampler::dry_now() const {
  const std::span<const int32_t> all(history_);
  const size_t n = std::min(all.size(), static_cast<size_t>(params_.dry_last_n));
  return dry_penalties(all.last(n), params_);
}

void Sampler::apply_dry(std::span<float> logits) const {
  if (!dry_is_on(params_)) return;
  for (const auto& [token, penalty] : dry_now()) {
    if (static_cast<size_t>(token) < logits.size()) logits[static_cast<size_t>(token)] -= penalty;
  }
}

// REQUIRES: candidates_ is not empty.
void Sampler::filter(Step step) {
  const Params& p = params_;
  const auto min_keep = static_cast<size_t>(std::max(p.min_keep, 0));
  switch (step) {
    case Step::kPenalties:
      for (Candidate& c : candidates_.items()) {
        c.logit = penalized(c.token, c.logit, candidates_.temperature());
      }
      return candidates_.logits_changed();
    case Step::kDry:
      if (!dry_is_on(p)) return;
      for (const auto& [token, penalty] : dry_now()) {
        const double amount = penalty * candidates_.temperature();
        for (Candidate& c : candidates_.items()) {
          if (c.token == token) c.logit = bounded(c.logit - amount);
        }
      }
      return candidates_.logits_changed();
    case Step::kTopNSigma:
      if (p.top_n_sigma > 0) candidates_.keep_top_n_sigma(p.top_n_sigma);
      return;
    case Step::kTopK:
      if (p.top_k > 0) candidates_.keep_top_k(static_cast<size_t>(p.top_k));
      return;
    case Step::kTypical:
      if (p.typical_p < 1) candidates_.keep_typical(p.typical_p, min_keep);
      return;
    case Step::kTopP:
      if (p.top_p < 1) candidates_.keep_top_p(p.top_p, min_keep);
      return;
    case Step::kMinP:
      if (p.min_p > 0) candidates_.keep_min_p(p.min_p, min_keep);
      return;
    case Step::kXtc:
      if (p.xtc_probability > 0 && p.xtc_threshold <= 0.5F &&
          xtc_rng_.next_double() < static_cast<double>(p.xtc_probability)) {
        candidates_.exclude_top(p.xtc_threshold, min_keep);
      }
      return;
    case Step::kTemperature:
      if (p.dynatemp_range > 0) {
        candidates_.set_dynamic_temperature(p.temperature, p.dynatemp_range, p.dynatemp_exponent);
      } else {
        candidates_.set_temperature(p.temperature);
      }
      return;
  }
}

// Mirostat: Basu et al. 2021, "Mirostat: A Neural Text Decoding Algorithm that Directly Controls
// Perplexity", algorithms 1 (k from an estimate of Zipf's exponent) and 2 (surprise cut directly).
int32_t Sampler::sample_mirostat(std::span<const float> logits) {
  if (params_.temperature <= 0) {
    const int32_t token = argmax(logits);
    candidates_.take_only(token);
    return token;
  }
  candidates_.collect(logits);
  if (candidates_.empty()) return -1;
  candidates_.set_temperature(params_.temperature);
  if (params_.mirostat == 1) {
    const double k = mirostat_k(logits.size());  // not a number: more than all
    if (k < 1e9) candidates_.keep_top_k(static_cast<size_t>(std::max(k, 1.0)));
  } else {
    candidates_.keep_surprise(mirostat_mu_);
  }
  const std::vector<double> probability = candidates_.probabilities();
  const size_t drawn = candidates_.index_at(rng_.next_double());
  mirostat_mu_ -= params_.mirostat_eta * (-std::log2(probability[drawn]) - params_.mirostat_tau);
  return candidates_.items()[drawn].token;
}

// Equations 30 to 32 there: the exponent s by least squares over the 100 likeliest tokens, then k
// for the surprise mu.
double Sampler::mirostat_k(size_t n_vocab) {
  constexpr size_t kLikeliest = 100;
  const std::vector<double> probability = candidates_.probabilities();
  double products = 0;
  double squares = 0;
  for (size_t i = 0; i + 1 < std::min(kLikeliest, probability.size()); ++i) {
    if (probability[i + 1] <= 0) break;
    const double t = std::log(static_cast<double>(i + 2) / static_cast<double>(i + 1));
    products += t * std::log(probability[i] / probability[i + 1]);
    squares += t * t;
  }
  const double s = squares > 0 ? products / squares : 1;
  const double epsilon = s - 1;
  const auto n = static_cast<double>(n_vocab);
  if (std::abs(epsilon) < 1e-6 || s <= 0) return std::exp2(mirostat_mu_);
  return std::pow(epsilon * std::exp2(mirostat_mu_) / (1 - std::pow(n, -epsilon)), 1 / s);
}

TokenChances Sampler::drawn_chances(int32_t token, int32_t n_top) {
  TokenChances out{.drawn = {token, 0}, .top = {}};
  const std::vector<double> probability = candidates_.probabilities();
  for (size_t i = 0; i < probability.size(); ++i) {
    const Chance chance{candidates_.items()[i].token, static_cast<float>(probability[i])};
    if (chance.token == token) out.drawn = chance;
    if (i < static_cast<size_t>(std::max(n_top, 0)) && chance.value > 0) out.top.push_back(chance);
  }
  return out;
}

}  // namespace samovar::sample
