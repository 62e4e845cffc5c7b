#include "cli/pooling_flag.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace samovar::cli {

Result<std::optional<model::Pooling>> parse_pooling(std::string_view name) {
  using Named = std::pair<std::string_view, model::Pooling>;
  constexpr std::array kNames = {
      Named{"none", model::Pooling::kNone}, Named{"mean", model::Pooling::kMean},
      Named{"cls", model::Pooling::kCls}, Named{"last", model::Pooling::kLast}};
  if (name.empty()) return std::optional<model::Pooling>();
  for (const auto& [known, pooling] : kNames) {
    if (known == name) return std::optional(pooling);
  }
  return invalid_argument(
      fmt::format("--pooling: expected none, mean, cls or last, found `{}`", name));
}

}  // namespace samovar::cli
