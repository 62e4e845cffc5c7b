// Secret: a string that formats as "[secret]", so that keys can't slip into logs or messages.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace samovar {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  bool empty() const { return text_.empty(); }
  // The text itself: for headers and comparisons, never for messages.
  const std::string& reveal() const { return text_; }

 private:
  std::string text_;
};

}  // namespace samovar

template <>
struct fmt::formatter<samovar::Secret> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const samovar::Secret&, Context& context) const {
    return fmt::formatter<std::string_view>::format("[secret]", context);
  }
};
