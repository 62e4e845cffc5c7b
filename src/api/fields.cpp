#include "api/fields.h"

#include "base/check.h"
#include "json/json.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace samovar::api {
namespace {

// 2^53: larger doubles are not exact integers.
constexpr double kExactInteger = 9007199254740992.0;

// None at the ends of what the type holds.
std::optional<double> bound(int64_t value) {
  using Limits = std::numeric_limits<int64_t>;
  if (value <= -Limits::max() || value == Limits::max()) return std::nullopt;
  return static_cast<double>(value);
}

}  // namespace

std::optional<int64_t> as_integer(const json::Value& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
    return static_cast<int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<int64_t>();
  if (!value.is_number_float()) return std::nullopt;
  const auto number = value.get<double>();
  if (std::floor(number) != number || std::abs(number) > kExactInteger) return std::nullopt;
  return static_cast<int64_t>(number);
}

Fields::Fields(const json::Value& object, std::string prefix)
    : object_(object), prefix_(std::move(prefix)) {
  SAMOVAR_CHECK(object.is_object());
}

Fields::Fields(Fields& outer, std::string_view name, const json::Value& object)
    : Fields(object, outer.path(name) + ".") {
  outer_ = &outer;
}

void Fields::note(std::string_view name, const FieldRead& read) const {
  if (FieldRecord::wanted()) FieldRecord::note(path(name), read);
}

const json::Value* Fields::find(std::string_view name) const {
  note(name, {});
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

int64_t Fields::integer(std::string_view name, int64_t fallback, int64_t min, int64_t max,
                        Range range) {
  note(name, {.kind = FieldRead::Kind::kInteger,
              .fallback = static_cast<double>(fallback),
              .min = bound(min),
              .max = bound(max),
              .range = range});
  const json::Value* value = find(name);
  if (value == nullptr) return fallback;
  const auto number = as_integer(*value);
  if (!number) {
    fail_type(name, "an integer", *value);
    return fallback;
  }
  if (*number >= min && *number <= max) return *number;
  if (range == Range::kClamp) return std::clamp(*number, min, max);
  const bool low = *number < min;
  fail(bad_field(path(name), low ? "integer_below_min_value" : "integer_above_max_value",
                 fmt::format("`{}{}` must be {} {}, not {}", prefix_, name,
                             low ? "at least" : "at most", low ? min : max, *number)));
  return fallback;
}

double Fields::number(std::string_view name, double fallback, double min, double max, Range range) {
  note(name, {.kind = FieldRead::Kind::kNumber,
              .fallback = fallback,
              .min = min,
              .max = max,
              .range = range});
  const json::Value* value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_number()) {
    fail_type(name, "a number", *value);
    return fallback;
  }
  const auto number = value->get<double>();
  if (number >= min && number <= max) return number;
  if (range == Range::kClamp) return std::clamp(number, min, max);
  const bool low = number < min;
  fail(bad_field(path(name), low ? "decimal_below_min_value" : "decimal_above_max_value",
                 fmt::format("`{}{}` must be {} {}, not {}", prefix_, name,
                             low ? "at least" : "at most", low ? min : max, number)));
  return fallback;
}

bool Fields::boolean(std::string_view name, bool fallback) {
  note(name, {.kind = FieldRead::Kind::kBoolean, .fallback = fallback ? 1.0 : 0.0});
  const json::Value* value = find(name);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  fail_type(name, "true or false", *value);
  return fallback;
}

std::string Fields::string(std::string_view name, std::string_view fallback) {
  note(name, {.kind = FieldRead::Kind::kString});
  const json::Value* value = find(name);
  if (value == nullptr) return std::string(fallback);
  if (value->is_string()) return value->get<std::string>();
  fail_type(name, "a string", *value);
  return std::string(fallback);
}

std::vector<std::string> Fields::strings(std::string_view name) {
  note(name, {.kind = FieldRead::Kind::kStrings});
  const json::Value* value = find(name);
  if (value == nullptr) return {};
  if (value->is_string()) return {value->get<std::string>()};
  std::vector<std::string> texts;
  if (!value->is_array()) {
    fail_type(name, "a string or an array of strings", *value);
    return texts;
  }
  for (const json::Value& item : *value) {
    if (!item.is_string()) {
      fail_type(fmt::format("{}[{}]", name, texts.size()), "a string", item);
      return {};
    }
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

void Fields::fail(ApiError error) {
  if (error_) return;
  error_ = std::move(error);
  if (outer_ != nullptr) outer_->fail(*error_);
}

void Fields::fail_missing(std::string_view name) {
  fail(bad_field(path(name), "missing_required_parameter",
                 fmt::format("`{}{}` is missing", prefix_, name)));
}

void Fields::fail_type(std::string_view name, std::string_view expected, const json::Value& found) {
  fail(bad_field(
      path(name), "invalid_type",
      fmt::format("`{}{}` must be {}, not {}", prefix_, name, expected, json::type_name(found))));
}

}  // namespace samovar::api
