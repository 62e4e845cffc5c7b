#include "sample/candidates.h"

#include <algorithm>
#include <cmath>

namespace samovar::sample {
namespace {

bool better(const Candidate& a, const Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

size_t at_least_one(size_t min_keep) {
  return std::max<size_t>(min_keep, 1);
}

}  // namespace

void Candidates::collect(std::span<const float> logits) {
  items_.clear();
  for (size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] > kBanned) items_.push_back({static_cast<int32_t>(i), bounded(logits[i])});
  }
  sorted_ = false;
  temperature_ = 1;
}

void Candidates::take_only(int32_t token) {
  items_.assign(1, {token, 0.0F});
  sorted_ = true;
  temperature_ = 1;
}

void Candidates::sort() {
  if (!sorted_) std::sort(items_.begin(), items_.end(), better);
  sorted_ = true;
}

std::vector<double> Candidates::probabilities() {
  sort();
  const double max = items_.front().logit;
  std::vector<double> out;
  out.reserve(items_.size());
  double total = 0;
  for (const Candidate& c : items_) {
    out.push_back(std::exp((c.logit - max) / temperature_));
    total += out.back();
  }
  for (double& p : out) p /= total;
  return out;
}

double Candidates::entropy(std::span<const double> probabilities) const {
  double sum = 0;
  for (const double p : probabilities) {
    if (p > 0) sum -= p * std::log(p);
  }
  return sum;
}

// Dynamic temperature by entropy: kalomaze, "Entropy DynaTemp" (koboldcpp, 2023):
// T = low + (high - low) * (H / H_max)^exponent.
void Candidates::set_dynamic_temperature(double temperature, double range, double exponent) {
  const double low = std::max(0.0, temperature - range);
  const double high = temperature + range;
  if (items_.size() < 2) return set_temperature(temperature);
  const double share = entropy(probabilities()) / std::log(static_cast<double>(items_.size()));
  const double chosen = low + (high - low) * std::pow(std::clamp(share, 0.0, 1.0), exponent);
  temperature_ = std::max(chosen, 1e-6);  // a flat 0 would divide by it
}

// Top-n-sigma: Tang et al. 2024, "Top-nsigma: Not All Logits Are You Need", algorithm 1: logits
// below the largest by more than n standard deviations are left out.
void Candidates::keep_top_n_sigma(double n) {
  double max = items_.front().logit;
  double sum = 0;
  for (const Candidate& c : items_) {
    max = std::max(max, static_cast<double>(c.logit));
    sum += c.logit;
  }
  const double mean = sum / static_cast<double>(items_.size());
  double squares = 0;
  for (const Candidate& c : items_) squares += (c.logit - mean) * (c.logit - mean);
  const double threshold = max - n * std::sqrt(squares / static_cast<double>(items_.size()));
  std::erase_if(items_, [&](const Candidate& c) { return c.logit < threshold; });
}

void Candidates::keep_top_k(size_t k) {
  if (k >= items_.size()) return;
  if (!sorted_) {
    const auto middle = items_.begin() + static_cast<std::ptrdiff_t>(k);
    std::nth_element(items_.begin(), middle, items_.end(), better);
  }
  items_.resize(k);
}

// Locally typical sampling: Meister et al. 2022, equation 5: the smallest set of tokens whose
// surprise is nearest to the entropy and whose mass reaches p.
void Candidates::keep_typical(double p, size_t min_keep) {
  struct Typical {
    Candidate candidate;
    double probability, distance;
  };
  const std::vector<double> probability = probabilities();
  const double mean_surprise = entropy(probability);
  std::vector<Typical> order;
  order.reserve(items_.size());
  for (size_t i = 0; i < items_.size(); ++i) {
    order.push_back(
        {items_[i], probability[i], std::abs(-std::log(probability[i]) - mean_surprise)});
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const Typical& a, const Typical& b) { return a.distance < b.distance; });
  double mass = 0;
  size_t kept = 0;
  while (kept < order.size() && (kept < at_least_one(min_keep) || mass < p)) {
    items_[kept] = order[kept].candidate;
    mass += order[kept++].probability;
  }
  items_.resize(kept);
  sorted_ = false;
  sort();
}

// Nucleus sampling: Holtzman et al. 2020, section 3.1: the smallest prefix whose mass reaches p.
void Candidates::keep_top_p(double p, size_t min_keep) {
  sort();
  const double max = items_.front().logit;
  double total = 0;
  for (const Candidate& c : items_) total += std::exp((c.logit - max) / temperature_);
  double mass = 0;
  size_t kept = 0;
  while (kept < items_.size() && (kept < at_least_one(min_keep) || mass < p * total)) {
    mass += std::exp((items_[kept++].logit - max) / temperature_);
  }
  items_.resize(kept);
}

// Min-p: Nguyen et al. 2024: p >= min_p * max p, which is a plain threshold on logits.
void Candidates::keep_min_p(double p, size_t min_keep) {
  sort();
  const auto threshold = static_cast<float>(items_.front().logit + temperature_ * std::log(p));
  size_t kept = 0;
  while (kept < items_.size() &&
         (kept < at_least_one(min_keep) || items_[kept].logit >= threshold)) {
    ++kept;
  }
  items_.resize(kept);
}

// Exclude top choices: p-e-w, text-generation-webui pull request 6335 (2024).
void Candidates::exclude_top(double threshold, size_t min_keep) {
  const std::vector<double> probability = probabilities();
  size_t n_above = 0;
  while (n_above < probability.size() && probability[n_above] >= threshold) ++n_above;
  if (n_above < 2 || items_.size() - (n_above - 1) < at_least_one(min_keep)) return;
  items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(n_above - 1));
}

void Candidates::keep_surprise(double bits) {
  const std::vector<double> probability = probabilities();
  size_t kept = 1;
  while (kept < items_.size() && -std::log2(probability[kept]) <= bits) ++kept;
  items_.resize(kept);
}

size_t Candidates::index_at(double share) {
  sort();
  const double max = items_.front().logit;
  const auto weight = [&](const Candidate& c) { return std::exp((c.logit - max) / temperature_); };
  double total = 0;
  for (const Candidate& c : items_) total += weight(c);
  double left = share * total;
  for (size_t i = 0; i < items_.size(); ++i) {
    left -= weight(items_[i]);
    if (left < 0) return i;
  }
  return items_.size() - 1;
}

}  // namespace samovar::sample
