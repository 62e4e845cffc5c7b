#include "sample/dry.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace samovar::sample {
namespace {

constexpr double kLargestPenalty = 1e30;

// For each k, how many tokens before the last k of `history` are as many of its last ones; 0 for
// k = 0. Source: Gusfield 1997, "Algorithms on Strings, Trees, and Sequences", section 1.4 (Z
// algorithm), from the end.
std::vector<size_t> matches_of_end(std::span<const int32_t> history) {
  const size_t n = history.size();
  const auto from_end = [&](size_t k) { return history[n - 1 - k]; };
  std::vector<size_t> out(n);
  size_t begin = 0, end = 0;  // the match that reaches furthest back
  for (size_t k = 1; k < n; ++k) {
    size_t length = k < end ? std::min(out[k - begin], end - k) : 0;
    while (k + length < n && from_end(length) == from_end(k + length)) ++length;
    out[k] = length;
    if (k + length > end) begin = k, end = k + length;
  }
  return out;
}

}  // namespace

std::vector<std::pair<int32_t, float>> dry_penalties(std::span<const int32_t> history,
                                                     const Params& params) {
  const auto breaks = [&](int32_t token) {
    return std::binary_search(params.dry_breakers.begin(), params.dry_breakers.end(), token);
  };
  const size_t n = history.size();
  if (n < 2 || breaks(history[n - 1])) return {};
  const auto last_breaker = std::find_if(history.rbegin(), history.rend(), breaks);
  const auto n_whole = static_cast<size_t>(last_breaker - history.rbegin());
  const std::vector<size_t> matches = matches_of_end(history);
  std::unordered_map<int32_t, size_t> longest;  // next token -> tokens that match before it
  for (size_t k = 1; k < n; ++k) {
    const int32_t next = history[n - k];
    if (matches[k] == 0 || breaks(next)) continue;
    size_t& known = longest[next];
    known = std::max(known, std::min(matches[k], n_whole));
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
