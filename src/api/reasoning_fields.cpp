#include "api/reasoning_fields.h"

#include "json/json.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr const char* kThinks = "enable_thinking";

struct NamedFormat {
  std::string_view name;
  ReasoningFormat format;
};
// Of two names of a format the first is shown.
constexpr NamedFormat kFormats[] = {{"none", ReasoningFormat::kNone},
                                    {"deepseek", ReasoningFormat::kApart},
                                    {"auto", ReasoningFormat::kApart},
                                    {"deepseek-legacy", ReasoningFormat::kLegacy}};

std::string read_effort(Fields& fields) {
  const std::string effort = fields.string("reasoning_effort", "");
  const json::Value* reasoning = fields.find("reasoning");
  if (!effort.empty() || reasoning == nullptr) return effort;
  if (!reasoning->is_object()) {
    fields.fail_type("reasoning", "an object", *reasoning);
    return "";
  }
  return Fields(fields, "reasoning", *reasoning).string("effort", "");
}

// As llama-server has it: the first name wins over the second, -1 is as good as no word.
int64_t read_budget(Fields& fields, int64_t fallback) {
  int64_t budget = -1;
  for (const char* name : {"reasoning_budget_tokens", "thinking_budget_tokens"}) {
    const int64_t n = fields.integer(name, -1, -1, kMaxInt);
    if (budget == -1) budget = n;
  }
  return budget == -1 ? fallback : budget;
}

ReasoningFormat read_format(Fields& fields, ReasoningFormat fallback) {
  const std::string name = fields.string("reasoning_format", "");
  if (name.empty()) return fallback;
  const auto format = parse_reasoning_format(name);
  if (!format) {
    fields.fail(bad_field("reasoning_format", "invalid_value",
                          fmt::format("`reasoning_format` must be \"none\", \"auto\", "
                                      "\"deepseek\" or \"deepseek-legacy\", not \"{}\"",
                                      name)));
  }
  return format.value_or(fallback);
}

}  // namespace

std::optional<ReasoningFormat> parse_reasoning_format(std::string_view name) {
  for (const NamedFormat& known : kFormats) {
    if (known.name == name) return known.format;
  }
  return std::nullopt;
}

std::string_view reasoning_format_name(ReasoningFormat format) {
  for (const NamedFormat& known : kFormats) {
    if (known.format == format) return known.name;
  }
  return "";
}

ReasoningWish read_reasoning(Fields& fields, const ReasoningDefaults& defaults,
                             json::Value& kwargs) {
  ReasoningWish out{.format = read_format(fields, defaults.format),
                    .max_tokens = read_budget(fields, defaults.max_tokens),
                    .last_words = fields.string("reasoning_budget_message", defaults.last_words)};
  const std::string effort = read_effort(fields);
  const bool off = out.max_tokens == 0 || effort == "none";
  const bool is_level = !effort.empty() && effort != "none";
  if (is_level && !kwargs.contains("reasoning_effort")) kwargs["reasoning_effort"] = effort;
  if (!kwargs.contains(kThinks) && (off || defaults.thinks)) {
    kwargs[kThinks] = !off && *defaults.thinks;
  }
  return out;
}

}  // namespace samovar::api
