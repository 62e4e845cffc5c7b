#include "api/reasoning_fields.h"

#include "json/json.h"

#include <limits>
#include <string>

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr const char* kThinks = "enable_thinking";

std::string read_effort(Fields& fields) {
  std::string effort = fields.string("reasoning_effort", "");
  const json::Value* reasoning = fields.find("reasoning");
  if (!effort.empty() || reasoning == nullptr) return effort;
  if (!reasoning->is_object()) {
    fields.fail_type("reasoning", "an object", *reasoning);
    return "";
  }
  Fields inner(*reasoning, "reasoning.");
  effort = inner.string("effort", "");
  if (inner.error()) fields.fail(*inner.error());
  return effort;
}

// True when no token may be thought.
bool read_no_budget(Fields& fields) {
  for (const char* name : {"thinking_budget_tokens", "reasoning_budget_tokens"}) {
    const int64_t n = fields.integer(name, -1, -1, std::numeric_limits<int32_t>::max());
    if (n > 0) {
      fields.fail(unsupported_parameter(
          name, fmt::format("`{}` other than -1 (no limit) and 0 (none) is not supported", name)));
    }
    if (n == 0) return true;
  }
  return false;
}

}  // namespace

std::optional<ReasoningFormat> parse_reasoning_format(std::string_view name) {
  if (name == "none") return ReasoningFormat::kNone;
  if (name == "auto" || name == "deepseek") return ReasoningFormat::kApart;
  if (name == "deepseek-legacy") return ReasoningFormat::kLegacy;
  return std::nullopt;
}

ReasoningFormat read_reasoning(Fields& fields, const ReasoningDefaults& defaults,
                               json::Value& kwargs) {
  const std::string effort = read_effort(fields);
  const bool off = read_no_budget(fields) || effort == "none";
  const bool is_level = !effort.empty() && effort != "none";
  if (is_level && !kwargs.contains("reasoning_effort")) kwargs["reasoning_effort"] = effort;
  if (!kwargs.contains(kThinks) && (off || defaults.thinks)) {
    kwargs[kThinks] = !off && *defaults.thinks;
  }
  const std::string name = fields.string("reasoning_format", "");
  if (name.empty()) return defaults.format;
  const auto format = parse_reasoning_format(name);
  if (!format) {
    fields.fail(bad_field("reasoning_format", "invalid_value",
                          fmt::format("`reasoning_format` must be \"none\", \"auto\", "
                                      "\"deepseek\" or \"deepseek-legacy\", not \"{}\"",
                                      name)));
  }
  return format.value_or(defaults.format);
}

}  // namespace samovar::api
