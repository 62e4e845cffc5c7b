// allOf, and $ref with other keywords beside it: one object that says the same.
// SPDX-License-Identifier: Apache-2.0
#include "grammar/schema_context.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

using json::Value;

// Schemas in one; a $ref that leads to itself ends here.
constexpr int kMaxMerged = 256;

constexpr std::array<std::string_view, 4> kMinima{"minimum", "exclusiveMinimum", "minLength",
                                                  "minItems"};
constexpr std::array<std::string_view, 4> kMaxima{"maximum", "exclusiveMaximum", "maxLength",
                                                  "maxItems"};

Value object_of(const std::string& key, Value value) {
  Value object = Value::object();
  object[key] = std::move(value);
  return object;
}

Value as_list(const Value& value) {
  if (value.is_array()) return value;
  Value list = Value::array();
  list.push_back(value);
  return list;
}

bool contains(const Value& list, const Value& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

// A list without lists in it and without what it has already: however often schemas that contain
// themselves are merged, what comes out repeats.
Value both(const Value& a, const Value& b) {
  Value list = Value::array();
  for (const Value* schema : {&a, &b}) {
    const Value* parts = schema->size() == 1 ? member(*schema, "allOf") : nullptr;
    const Value alone = Value::array({*schema});
    for (const Value& part : parts != nullptr && parts->is_array() ? *parts : alone) {
      if (!contains(list, part)) list.push_back(part);
    }
  }
  return list.size() == 1 ? Value(list[0]) : object_of("allOf", std::move(list));
}

// An integer is a number too.
Value common_types(const Value& a, const Value& b) {
  const Value left = as_list(a), right = as_list(b);
  Value common = Value::array();
  for (const Value& type : left) {
    if (contains(right, type) || (type == "integer" && contains(right, "number"))) {
      common.push_back(type);
    } else if (type == "number" && contains(right, "integer")) {
      common.push_back("integer");
    }
  }
  return common;
}

class Merger {
 public:
  Merger(SchemaContext& context, const SchemaTask& task) : context_(context), task_(task) {}
  Result<const Value*> run();

 private:
  Status add(const Value& schema);
  Status add_keyword(const std::string& key, const Value& value);
  Status add_keywords(const Value& schema);
  Status add_lists(const std::string& key, const Value& value);
  Status keep_common(Value& list, const Value& other);
  Status add_required(Value& names, const Value& more);
  Result<Value> merged_properties(const Value& schema);

  SchemaContext& context_;
  const SchemaTask& task_;
  Value merged_ = Value::object();
  std::vector<const Value*> open_;
  bool is_never_ = false;
};

Status Merger::keep_common(Value& list, const Value& other) {
  const Value left = as_list(list), right = as_list(other);
  list = Value::array();
  for (const Value& value : left) {
    SAMOVAR_TRY(context_.check_time());
    if (contains(right, value)) list.push_back(value);
  }
  return {};
}

Status Merger::add_required(Value& names, const Value& more) {
  if (!names.is_array() || !more.is_array()) return schema_error(task_, "required must be a list");
  for (const Value& name : more) {
    SAMOVAR_TRY(context_.check_time());
    if (!contains(names, name)) names.push_back(name);
  }
  return {};
}

// A property that only one of the two names must be what the other says about additional ones.
Result<Value> Merger::merged_properties(const Value& schema) {
  const Value none = Value::object();
  const auto properties_of = [&none](const Value& object) -> const Value& {
    const Value* properties = keyword_of(object, "properties");
    return properties == nullptr || !properties->is_object() ? none : *properties;
  };
  const Value& left = properties_of(merged_);
  const Value& right = properties_of(schema);
  const Value* left_rest = keyword_of(merged_, "additionalProperties");
  const Value* right_rest = keyword_of(schema, "additionalProperties");
  Value merged = Value::object();
  for (const auto& [name, value] : left.items()) {
    SAMOVAR_TRY(context_.check_time());
    const Value* other = member(right, name);
    if (other == nullptr) other = right_rest;
    merged[name] = other == nullptr ? value : both(value, *other);
  }
  for (const auto& [name, value] : right.items()) {
    SAMOVAR_TRY(context_.check_time());
    if (left.contains(name)) continue;
    merged[name] = left_rest == nullptr ? value : both(value, *left_rest);
  }
  return merged;
}

Status Merger::add_lists(const std::string& key, const Value& value) {
  Value& present = merged_[key];
  if (key == "type") {
    present = common_types(present, value);
  } else if (key == "enum") {
    return keep_common(present, value);
  } else if (key == "required") {
    return add_required(present, value);
  } else if (key == "anyOf" || key == "oneOf") {
    // Taken up with each alternative of the first.
    const Value list = object_of(key, value);
    if (!contains(merged_["allOf"], list)) merged_["allOf"].push_back(list);
  } else if (key == "const") {
    is_never_ = true;
  } else if (key == "pattern" || key == "format") {
    return context_.unsupported(task_, key);  // the first is kept to
  } else {
    return schema_error(task_, fmt::format("can't combine two {} in one", key));
  }
  return {};
}

Status Merger::add_keyword(const std::string& key, const Value& value) {
  if (!merged_.contains(key)) {
    merged_[key] = value;
    return {};
  }
  Value& present = merged_[key];
  if (present == value) return {};
  const bool are_numbers = present.is_number() && value.is_number();
  if (are_numbers && is_one_of(kMinima, key)) {
    if (value.get<double>() > present.get<double>()) present = value;
    return {};
  }
  if (are_numbers && is_one_of(kMaxima, key)) {
    if (value.get<double>() < present.get<double>()) present = value;
    return {};
  }
  if (key == "items" || key == "additionalProperties") {
    present = both(present, value);
    return {};
  }
  return add_lists(key, value);
}

bool is_true(const Value* value) {
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

Status Merger::add_keywords(const Value& schema) {
  for (const auto& [key, value] : schema.items()) {
    if (kind_of(key) == KeywordKind::kUnsupported && !value.is_null()) {
      SAMOVAR_TRY(context_.unsupported(task_, key));
    }
    if (!restricts(schema, key)) continue;
    if (key == "$ref" || key == "allOf" || key == "properties") continue;
    // Until draft 4 those were booleans that say how the bound is meant.
    if (value.is_boolean() && (key == "exclusiveMinimum" || key == "exclusiveMaximum")) continue;
    std::string name = key;
    if (key == "minimum" && is_true(keyword_of(schema, "exclusiveMinimum"))) {
      name = "exclusiveMinimum";
    } else if (key == "maximum" && is_true(keyword_of(schema, "exclusiveMaximum"))) {
      name = "exclusiveMaximum";
    }
    SAMOVAR_TRY(add_keyword(name, value));
  }
  return {};
}

Status Merger::add(const Value& schema) {
  SAMOVAR_TRY(context_.check_time(count_values(schema)));
  if (schema.is_boolean()) {
    is_never_ = is_never_ || !schema.get<bool>();
    return {};
  }
  if (!schema.is_object()) return schema_error(task_, "a schema must be an object or a boolean");
  if (const Value* ref = keyword_of(schema, "$ref")) {
    SAMOVAR_ASSIGN(const Value* target, context_.resolve(task_, *ref));
    open_.push_back(target);
  }
  if (const Value* all = keyword_of(schema, "allOf")) {
    if (!all->is_array()) return schema_error(task_, "allOf must be a list");
    for (auto part = all->rbegin(); part != all->rend(); ++part) open_.push_back(&*part);
  }
  const bool has_properties = keyword_of(schema, "properties") != nullptr ||
                              keyword_of(schema, "additionalProperties") != nullptr;
  if (has_properties) {
    if (const Value* given = keyword_of(schema, "properties");
        given != nullptr && !given->is_object()) {
      return schema_error(task_, "properties must be an object");
    }
    SAMOVAR_ASSIGN(Value properties, merged_properties(schema));
    if (!properties.empty() || keyword_of(schema, "properties") != nullptr) {
      merged_["properties"] = std::move(properties);
    }
  }
  return add_keywords(schema);
}

Result<const Value*> Merger::run() {
  open_.push_back(task_.schema);
  for (int n = 0; !open_.empty(); ++n) {
    if (n == kMaxMerged) {
      return schema_error(task_, fmt::format("more than {} schemas in one", kMaxMerged));
    }
    const Value& schema = *open_.back();
    open_.pop_back();
    SAMOVAR_TRY(add(schema));
  }
  return context_.keep(is_never_ ? Value(false) : std::move(merged_));
}

}  // namespace

Result<const Value*> merge_all(SchemaContext& context, const SchemaTask& task) {
  return Merger(context, task).run();
}

}  // namespace samovar::grammar
