#include "api/keep_alive.h"

#include "api/go_duration.h"
#include "api/model_table.h"
#include "json/json.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr double kMaxSeconds = 1e12;  // some 30,000 years, and no overflow in microseconds

int64_t from_seconds(double seconds) {
  if (seconds < 0) return kForever;
  return static_cast<int64_t>(std::min(seconds, kMaxSeconds) * 1e6);
}

}  // namespace

std::optional<int64_t> parse_keep_alive(std::string_view text) {
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size()) {
    return from_seconds(static_cast<double>(seconds));
  }
  const auto ns = parse_go_duration(text);
  if (!ns) return std::nullopt;
  return *ns < 0 ? kForever : (*ns + 999) / 1000;
}

std::optional<int64_t> read_keep_alive(Fields& fields) {
  const json::Value* const value = fields.find("keep_alive");
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return from_seconds(value->get<double>());
  const std::string text = fields.string("keep_alive", "");
  const auto us = parse_go_duration(text) ? parse_keep_alive(text) : std::nullopt;
  if (!us) {
    fields.fail(bad_field("keep_alive", "invalid_value",
                          fmt::format("`keep_alive`: invalid duration \"{}\"", text)));
  }
  return us;
}

}  // namespace samovar::api
