#include "model/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace samovar::model {
namespace {

// The pair that turns `n_turns` times over the original context. Source: Peng et al., "YaRN",
// arXiv 2309.00071, section 3.2 (find_correction_dim in the authors' code).
double yarn_pair_of_turns(double n_turns, double n_rot, double n_ctx, double base) {
  return n_rot * std::log(n_ctx / (n_turns * 2.0 * std::numbers::pi)) / (2.0 * std::log(base));
}

// YaRN per pair: 1 keeps the frequency, 0 interpolates it; linear between the two corrections.
struct YarnRamp {
  double low, high;

  static YarnRamp make(const RopeConfig& c, double base) {
    const auto n_rot = static_cast<double>(c.n_rot);
    const auto n_ctx = static_cast<double>(c.n_ctx_original);
    const double low = std::floor(yarn_pair_of_turns(double{c.yarn_beta_fast}, n_rot, n_ctx, base));
    const double high = std::ceil(yarn_pair_of_turns(double{c.yarn_beta_slow}, n_rot, n_ctx, base));
    return {std::max(0.0, low), std::min(n_rot - 1.0, high)};
  }
  double keep(double pair) const {
    return 1.0 - std::clamp((pair - low) / std::max(0.001, high - low), 0.0, 1.0);
  }
};

}  // namespace

RopeTable RopeTable::make(const RopeConfig& c, LayerKind kind,
                          std::span<const float> freq_divisors) {
  const bool windowed = kind == LayerKind::kWindowed;
  const double base = double{windowed ? c.freq_base_swa : c.freq_base};
  const double factor = double{windowed ? c.scaling_factor_swa : c.scaling_factor};
  const bool yarn = c.scaling == RopeScaling::kYarn && factor > 1.0;
  const YarnRamp ramp = YarnRamp::make(c, base);

  RopeTable table;
  for (int64_t i = 0; i < c.n_rot / 2; ++i) {
    const auto pair = static_cast<double>(i);
    // Source: Su et al., "RoFormer", arXiv 2104.09864, eq. 15; llama3 divides by a table of its
    // file.
    double frequency = std::pow(base, -2.0 * pair / static_cast<double>(c.n_rot));
    if (!freq_divisors.empty()) frequency /= double{freq_divisors[static_cast<size_t>(i)]};
    const double keep = yarn ? ramp.keep(pair) : 0.0;
    table.frequency_.push_back(frequency * (keep + (1.0 - keep) / factor));
  }
  // YaRN's attention temperature, eq. 22, applied to queries and keys alike.
  table.magnitude_ = double{c.yarn_attn_factor} * (yarn ? 1.0 + 0.1 * std::log(factor) : 1.0);
  return table;
}

void RopeTable::fill(int32_t position, float* cos_sin) const {
  for (const double frequency : frequency_) {
    const double angle = static_cast<double>(position) * frequency;
    *cos_sin++ = static_cast<float>(std::cos(angle) * magnitude_);
    *cos_sin++ = static_cast<float>(std::sin(angle) * magnitude_);
  }
}

}  // namespace samovar::model
