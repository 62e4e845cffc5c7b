// "type": "string" and "type": "integer".
// SPDX-License-Identifier: Apache-2.0
#include "grammar/integer_range.h"
#include "grammar/pattern.h"
#include "grammar/schema_context.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

using json::Value;

struct Format {
  std::string_view name, pattern;
};

// RFC 3339; years from 1000, no leap seconds.
#define SAMOVAR_DATE                                                                           \
  "(?:[1-9]\\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]" \
  "\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))|(?:[1-9]\\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468]"  \
  "[048]|[13579][26])00)-02-29)"
#define SAMOVAR_TIME \
  "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)"
constexpr std::array<Format, 4> kFormats{{
    {"date", "^" SAMOVAR_DATE "$"},
    {"time", "^" SAMOVAR_TIME "$"},
    {"date-time", "^" SAMOVAR_DATE "T" SAMOVAR_TIME "$"},
    {"uuid", "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
}};
#undef SAMOVAR_DATE
#undef SAMOVAR_TIME

// "" when the format is not known.
std::string_view format_pattern(const Value& format) {
  if (!format.is_string()) return "";
  const auto& name = format.get_ref<const std::string&>();
  const auto found = std::find_if(kFormats.begin(), kFormats.end(),
                                  [&](const Format& known) { return known.name == name; });
  return found == kFormats.end() ? "" : found->pattern;
}

// A bound as the nearest integer inside, within what a grammar can count.
Status read_bound(const SchemaTask& task, const char* key, bool is_minimum, bool is_exclusive,
                  int64_t& bound) {
  const Value* value = keyword_of(*task.schema, key);
  if (value == nullptr) return {};
  if (value->is_boolean() && is_exclusive) return {};  // draft 4: belongs to the other keyword
  if (!value->is_number()) return schema_error(task, fmt::format("{} must be a number", key));
  const double limit = static_cast<double>(kMaxInteger);
  if (is_minimum && value->get<double>() >= limit) bound = kMaxInteger + 1;
  if (!is_minimum && value->get<double>() <= -limit) bound = -kMaxInteger - 1;
  if (bound > kMaxInteger || bound < -kMaxInteger) return {};  // nothing is left
  int64_t inside = 0;
  if (value->is_number_integer() && std::abs(value->get<double>()) < limit) {
    inside = value->get<int64_t>();
  } else {
    const double number = std::clamp(value->get<double>(), -limit, limit);
    const double rounded = is_minimum ? std::ceil(number) : std::floor(number);
    const bool is_integer = rounded == number;
    inside = std::clamp(static_cast<int64_t>(rounded), -kMaxInteger, kMaxInteger);
    is_exclusive = is_exclusive && is_integer;
  }
  if (is_exclusive) inside += is_minimum ? 1 : -1;
  bound = is_minimum ? std::max(bound, inside) : std::min(bound, inside);
  return {};
}

}  // namespace

Result<std::optional<NodeId>> read_pattern(SchemaContext& context, const SchemaTask& task,
                                           Syntax& syntax, JsonRules& json) {
  const Value* pattern = keyword_of(*task.schema, "pattern");
  if (pattern == nullptr) return std::optional<NodeId>();
  if (!pattern->is_string()) return schema_error(task, "pattern must be a string");
  const auto inside = parse_pattern(pattern->get_ref<const std::string&>(), syntax, json,
                                    context.limits(), context.deadline());
  if (inside.ok()) return std::optional(json.quoted(*inside));
  if (inside.status().code() != Code::kUnsupported) {
    return schema_error(task, fmt::format("pattern: {}", inside.status().message()));
  }
  SAMOVAR_TRY(context.unsupported(task, "pattern"));
  return std::optional<NodeId>();
}

Result<std::optional<NodeId>> read_format(SchemaContext& context, const SchemaTask& task,
                                          Syntax& syntax, JsonRules& json) {
  const Value* format = keyword_of(*task.schema, "format");
  if (format == nullptr) return std::optional<NodeId>();
  const std::string_view pattern = format_pattern(*format);
  if (pattern.empty()) {
    SAMOVAR_TRY(context.unsupported(task, "format"));
    return std::optional<NodeId>();
  }
  SAMOVAR_ASSIGN(const NodeId inside,
                 parse_pattern(pattern, syntax, json, context.limits(), context.deadline()));
  return std::optional(json.quoted(inside));
}

// A pattern comes before a format, and that before lengths: what is not kept to is noted.
Result<NodeId> compile_string(SchemaContext& context, const SchemaTask& task) {
  const auto note = [&](const char* key) {
    return keyword_of(*task.schema, key) != nullptr ? context.unsupported(task, key) : Status();
  };
  SAMOVAR_ASSIGN(std::optional<NodeId> text,
                 read_pattern(context, task, context.syntax(), context.json()));
  if (text) {
    SAMOVAR_TRY(note("format"));
  } else {
    SAMOVAR_ASSIGN(text, read_format(context, task, context.syntax(), context.json()));
  }
  if (text) {
    SAMOVAR_TRY(note("minLength"));
    SAMOVAR_TRY(note("maxLength"));
    return *text;
  }
  const bool has_length = keyword_of(*task.schema, "minLength") != nullptr ||
                          keyword_of(*task.schema, "maxLength") != nullptr;
  if (!has_length) return context.json().string();
  SAMOVAR_ASSIGN(const uint32_t min, read_minimum(task, "minLength", 0));
  SAMOVAR_ASSIGN(const uint32_t max, read_maximum(context, task, "maxLength"));
  if (min > max) return context.contradiction(task, "minLength exceeds maxLength");
  JsonRules& json = context.json();
  return json.quoted(context.syntax().count(json.plain_character(), min, max));
}

Result<NodeId> compile_integer(SchemaContext& context, const SchemaTask& task) {
  int64_t min = -kMaxInteger, max = kMaxInteger;
  const auto is_set = [&](const char* key) {
    const Value* value = keyword_of(*task.schema, key);
    return value != nullptr && value->is_boolean() && value->get<bool>();
  };
  SAMOVAR_TRY(read_bound(task, "minimum", true, is_set("exclusiveMinimum"), min));
  SAMOVAR_TRY(read_bound(task, "exclusiveMinimum", true, true, min));
  SAMOVAR_TRY(read_bound(task, "maximum", false, is_set("exclusiveMaximum"), max));
  SAMOVAR_TRY(read_bound(task, "exclusiveMaximum", false, true, max));
  if (min > max) return context.contradiction(task, "no integer is left between the bounds");
  if (min == -kMaxInteger && max == kMaxInteger) return context.json().integer();
  return integer_range(context.syntax(), min, max);
}

}  // namespace samovar::grammar
