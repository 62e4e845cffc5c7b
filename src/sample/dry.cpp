#include "sample/dry.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace samovar::sample {
namespace {

constexpr size_t kMaxMatch = 64;
constexpr double kLargestPenalty = 1e30;

}  // namespace

std::vector<std::pair<int32_t, float>> dry_penalties(std::span<const int32_t> history,
                                                     const Params& params) {
  const auto breaks = [&](int32_t token) {
    return std::binary_search(params.dry_breakers.begin(), params.dry_breakers.end(), token);
  };
  const size_t n = history.size();
  if (n < 2 || breaks(history[n - 1])) return {};
  std::unordered_map<int32_t, size_t> longest;  // next token -> tokens that match before it
  for (size_t i = 0; i + 1 < n; ++i) {
    if (history[i] != history[n - 1] || breaks(history[i + 1])) continue;
    size_t length = 1;
    while (length <= i && length < kMaxMatch && history[i - length] == history[n - 1 - length] &&
           !breaks(history[i - length])) {
      ++length;
    }
    size_t& known = longest[history[i + 1]];
    known = std::max(known, length);
  }
  std::vector<std::pair<int32_t, float>> out;
  for (const auto& [token, length] : longest) {
    const auto excess = static_cast<int64_t>(length) - params.dry_allowed_length;
    if (excess < 0) continue;
    const double penalty = params.dry_multiplier * std::pow(static_cast<double>(params.dry_base),
                                                            static_cast<double>(excess));
    out.emplace_back(token, static_cast<float>(std::min(penalty, kLargestPenalty)));
  }
  return out;
}

}  // namespace samovar::sample
