#include "grammar/integer_range.h"

#include <algorithm>
#include <string>
#include <vector>

namespace samovar::grammar {
namespace {

class RangeBuilder {
 public:
  explicit RangeBuilder(Syntax& syntax) : syntax_(syntax) {}

  // Adds the numbers of [min, max], 0 <= min, behind `sign`.
  void add(std::string_view sign, int64_t min, int64_t max) {
    sign_ = sign;
    int64_t first = 0;  // of the numbers with as many digits
    for (int64_t last = 9; min <= max && first <= max; last = last * 10 + 9) {
      const int64_t from = std::max(min, first), to = std::min(max, last);
      if (from <= to) add_same_length(std::to_string(from), std::to_string(to));
      if (last == kMaxInteger) break;
      first = last + 1;
    }
  }
  NodeId result() { return syntax_.choice(alternatives_); }

 private:
  // `prefix`, a digit of [first, last], then n_free digits.
  void add_digits(std::string_view prefix, char first, char last, size_t n_free) {
    if (first > last) return;
    const auto digit = [this](char a, char b) {
      return syntax_.one_of({{static_cast<char32_t>(a), static_cast<char32_t>(b)}});
    };
    const auto n = static_cast<uint32_t>(n_free);
    alternatives_.push_back(
        syntax_.sequence({syntax_.literal(sign_ + std::string(prefix)), digit(first, last),
                          syntax_.repeat(digit('0', '9'), n, n)}));
  }

  void add_same_length(std::string_view from, std::string_view to) {
    const auto split = std::mismatch(from.begin(), from.end(), to.begin()).first;
    const auto at = static_cast<size_t>(split - from.begin());
    const size_t n = from.size();
    if (at == n) {
      alternatives_.push_back(syntax_.literal(sign_ + std::string(from)));
      return;
    }
    add_digits(from.substr(0, at), static_cast<char>(from[at] + 1), static_cast<char>(to[at] - 1),
               n - at - 1);
    for (size_t i = at + 1; i < n; ++i) {
      add_digits(from.substr(0, i), static_cast<char>(from[i] + 1), '9', n - i - 1);
      add_digits(to.substr(0, i), '0', static_cast<char>(to[i] - 1), n - i - 1);
    }
    alternatives_.push_back(syntax_.literal(sign_ + std::string(from)));
    alternatives_.push_back(syntax_.literal(sign_ + std::string(to)));
  }

  Syntax& syntax_;
  std::string sign_;
  std::vector<NodeId> alternatives_;
};

}  // namespace

NodeId integer_range(Syntax& syntax, int64_t min, int64_t max) {
  RangeBuilder range(syntax);
  if (min < 0) range.add("-", std::max<int64_t>(1, -max), -min);
  if (max >= 0) range.add("", std::max<int64_t>(0, min), max);
  return range.result();
}

}  // namespace samovar::grammar
