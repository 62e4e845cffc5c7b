// "enum" and "const": values written down, as far as the keywords beside them allow.
// SPDX-License-Identifier: Apache-2.0
#include "grammar/gbnf.h"
#include "grammar/grammar.h"
#include "grammar/network.h"
#include "grammar/schema_context.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

using json::Value;

bool is_whole(const Value& value) {
  if (!value.is_number_float()) return value.is_number_integer();
  return std::floor(value.get<double>()) == value.get<double>();
}

bool has_type(const Value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "integer") return is_whole(value);
  return value.is_number();
}

size_t n_characters(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool holds(double x) const { return x >= min && x <= max; }
};

class ValueFilter {
 public:
  ValueFilter(SchemaContext& context, const SchemaTask& task,
              std::span<const std::string_view> types)
      : context_(context), task_(task), types_(types) {}
  Status read();
  // Notes keywords about the insides of values.
  Result<bool> fits(const Value& value);
  // As JSON; 1.0 as 1 where only integers are asked for, which all readers of those take.
  std::string text_of(const Value& value) const;

 private:
  Status read_number(const char* key, double& bound) const;
  Status read_texts(bool is_pattern);
  Result<bool> fits_text(const Value& value);
  bool has_required(const Value& object) const;
  Status note(std::initializer_list<const char*> keys);

  SchemaContext& context_;
  const SchemaTask& task_;
  std::span<const std::string_view> types_;
  Range numbers_, exclusive_, lengths_, sizes_;
  std::vector<Matcher> texts_;  // of pattern and format, at their beginning
  bool no_text_ = false;        // a pattern that nothing matches
};

Status ValueFilter::read_number(const char* key, double& bound) const {
  const Value* value = keyword_of(*task_.schema, key);
  if (value == nullptr) return {};
  if (!value->is_number()) return schema_error(task_, fmt::format("{} must be a number", key));
  bound = value->get<double>();
  return {};
}

// Tried with the automaton that would write such a string.
Status ValueFilter::read_texts(bool is_pattern) {
  SyntaxAndRoot tree;
  JsonRules json(tree.syntax);
  std::optional<NodeId> body;
  if (is_pattern) {
    SAMOVAR_ASSIGN(body, read_pattern(context_, task_, tree.syntax, json));
  } else {
    SAMOVAR_ASSIGN(body, read_format(context_, task_, tree.syntax, json));
  }
  if (!body) return {};
  tree.root = tree.syntax.add_rule("pattern");
  tree.syntax.set_body(tree.root, *body);
  auto grammar = Grammar::from_syntax(tree, kJsonStack, context_.limits(), context_.deadline());
  if (grammar.ok()) {
    texts_.push_back(grammar->matcher());
    return {};
  }
  no_text_ = grammar.status().message().starts_with(kNothingMatches);
  return no_text_ ? Status() : grammar.status();
}

Status ValueFilter::read() {
  for (const auto& [key, exclusive, bound, exclusive_bound] :
       {std::tuple{"minimum", "exclusiveMinimum", &numbers_.min, &exclusive_.min},
        std::tuple{"maximum", "exclusiveMaximum", &numbers_.max, &exclusive_.max}}) {
    SAMOVAR_TRY(read_number(key, *bound));
    const Value* value = keyword_of(*task_.schema, exclusive);
    if (value == nullptr || !value->is_boolean()) {
      SAMOVAR_TRY(read_number(exclusive, *exclusive_bound));
    } else if (value->get<bool>()) {
      *exclusive_bound = *bound;
    }
  }
  SAMOVAR_TRY(read_number("minLength", lengths_.min));
  SAMOVAR_TRY(read_number("maxLength", lengths_.max));
  SAMOVAR_TRY(read_number("minItems", sizes_.min));
  SAMOVAR_TRY(read_number("maxItems", sizes_.max));
  SAMOVAR_TRY(read_texts(true));
  return read_texts(false);
}

Result<bool> ValueFilter::fits_text(const Value& value) {
  const auto& text = value.get_ref<const std::string&>();
  if (no_text_ || !lengths_.holds(static_cast<double>(n_characters(text)))) return false;
  const std::string quoted = json::dump(value);
  for (Matcher matcher : texts_) {
    // An ambiguous pattern may take milliseconds for a byte.
    constexpr size_t kBytes = 8, kWork = 256;
    for (size_t at = 0; at < quoted.size() && !matcher.is_dead(); at += kBytes) {
      SAMOVAR_TRY(context_.check_time(kWork));
      matcher.accept(std::string_view(quoted).substr(at, kBytes));
    }
    if (!matcher.can_end()) return false;
  }
  return true;
}

bool ValueFilter::has_required(const Value& object) const {
  const Value* required = keyword_of(*task_.schema, "required");
  if (required == nullptr || !required->is_array()) return true;
  return std::all_of(required->begin(), required->end(), [&](const Value& name) {
    return name.is_string() && object.contains(name.get_ref<const std::string&>());
  });
}

Status ValueFilter::note(std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (keyword_of(*task_.schema, key) != nullptr) {
      SAMOVAR_TRY(context_.unsupported(task_, key));
    }
  }
  return {};
}

Result<bool> ValueFilter::fits(const Value& value) {
  SAMOVAR_TRY(context_.check_time());
  const bool has_a_type = std::any_of(types_.begin(), types_.end(),
                                      [&](std::string_view type) { return has_type(value, type); });
  if (!has_a_type) return false;
  if (value.is_number()) {
    const double x = value.get<double>();
    return numbers_.holds(x) && x > exclusive_.min && x < exclusive_.max;
  }
  if (value.is_string()) return fits_text(value);
  if (value.is_array()) {
    SAMOVAR_TRY(note({"items", "prefixItems", "additionalItems"}));
    return sizes_.holds(static_cast<double>(value.size()));
  }
  if (value.is_object()) {
    SAMOVAR_TRY(note({"properties", "additionalProperties"}));
    return has_required(value);
  }
  return true;
}

std::string ValueFilter::text_of(const Value& value) const {
  constexpr double kExact = 1e15;
  const bool is_float = value.is_number_float() && std::abs(value.get<double>()) < kExact;
  const bool wants_integer = std::find(types_.begin(), types_.end(), "number") == types_.end();
  if (!is_float || !wants_integer) return json::dump(value);
  return std::to_string(static_cast<int64_t>(value.get<double>()));
}

}  // namespace

Result<NodeId> compile_values(SchemaContext& context, const SchemaTask& task,
                              std::span<const std::string_view> types) {
  const Value* constant = keyword_of(*task.schema, "const");
  const Value* list = keyword_of(*task.schema, "enum");
  if (list != nullptr && !list->is_array()) return schema_error(task, "enum must be a list");
  ValueFilter filter(context, task, types);
  SAMOVAR_TRY(filter.read());
  std::vector<NodeId> literals;
  const auto add = [&](const Value& value) -> Status {
    SAMOVAR_ASSIGN(const bool fits, filter.fits(value));
    if (fits) literals.push_back(context.syntax().literal(filter.text_of(value)));
    return {};
  };
  if (constant == nullptr) {
    for (const Value& value : *list) SAMOVAR_TRY(add(value));
  } else if (list == nullptr || std::find(list->begin(), list->end(), *constant) != list->end()) {
    SAMOVAR_TRY(add(*constant));
  }
  if (literals.empty()) return context.contradiction(task, "no value is left");
  return context.syntax().choice(literals);
}

}  // namespace samovar::grammar
