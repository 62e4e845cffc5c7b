// Candidates: the tokens that may still be drawn, and the filters that leave some out.
//
// Every filter sees probabilities at the temperature that was set before it, and keeps at least one
// token; those that take min_keep keep as many as that. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace samovar::sample {

// The logit of a token that is never drawn.
constexpr float kBanned = -std::numeric_limits<float>::infinity();

// `logit` inside the range of its type, so that differences of two are numbers.
inline float bounded(double logit) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(logit, -kLargest, kLargest));
}

struct Candidate {
  int32_t token;
  float logit;
};

class Candidates {
 public:
  // Takes all tokens whose logit is more than -infinity; NaN is not. +infinity counts as the
  // largest number.
  void collect(std::span<const float> logits);
  void take_only(int32_t token);

  bool empty() const { return items_.empty(); }
  // Descending by logit (ties: lower id first) after any filter but the first ones.
  std::span<const Candidate> items() const { return items_; }
  std::span<Candidate> items() { return items_; }
  void logits_changed() { sorted_ = false; }

  double temperature() const { return temperature_; }
  void set_temperature(double temperature) { temperature_ = temperature; }
  // Between `temperature` - `range` and + `range`, by the entropy of what is left.
  void set_dynamic_temperature(double temperature, double range, double exponent);

  void keep_top_n_sigma(double n);
  void keep_top_k(size_t k);
  void keep_typical(double p, size_t min_keep);
  void keep_top_p(double p, size_t min_keep);
  void keep_min_p(double p, size_t min_keep);
  // Leaves out all tokens of at least `threshold` but the least likely of them.
  void exclude_top(double threshold, size_t min_keep);
  // Leaves out tokens of more than `bits` of surprise.
  void keep_surprise(double bits);

  // Of each item, in their order; they add up to 1. REQUIRES: !empty().
  std::vector<double> probabilities();
  // The item at `share` (0..1) of the summed probabilities. REQUIRES: !empty().
  size_t index_at(double share);

 private:
  void sort();
  double entropy(std::span<const double> probabilities) const;

  std::vector<Candidate> items_;
  bool sorted_ = false;
  double temperature_ = 1;
};

}  // namespace samovar::sample
