// "type": "object".
// SPDX-License-Identifier: Apache-2.0
#include "grammar/other_keys.h"
#include "grammar/schema_context.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

using json::Value;

struct Property {
  NodeId member;  // "name": value, and space
  bool is_required;
};

class ObjectCompiler {
 public:
  ObjectCompiler(SchemaContext& context, const SchemaTask& task)
      : context_(context), syntax_(context.syntax()), json_(context.json()), task_(task) {}
  Result<NodeId> run();

 private:
  Status read_required();
  Status read_properties();
  Status read_additional();
  NodeId member_of(NodeId key, NodeId value) {
    return syntax_.sequence({key, syntax_.literal(":"), json_.space(), value, json_.space()});
  }
  void add_property(const std::string& name, NodeId value, bool is_required);
  NodeId behind_comma(NodeId node) { return syntax_.sequence({json_.comma(), node}); }
  NodeId first_additional();
  NodeId later_additional();
  NodeId after(size_t i);
  NodeId members();

  SchemaContext& context_;
  Syntax& syntax_;
  JsonRules& json_;
  const SchemaTask& task_;
  std::vector<std::string> required_;  // sorted
  std::vector<std::string> names_;     // of the properties, quoted as in JSON
  std::vector<Property> properties_;   // in the order they come
  std::optional<NodeId> additional_;   // a member with another name
};

Status ObjectCompiler::read_required() {
  const Value* required = keyword_of(*task_.schema, "required");
  if (required == nullptr) return {};
  const bool is_list = required->is_array();
  for (size_t i = 0; is_list && i < required->size(); ++i) {
    if (!(*required)[i].is_string())
      return schema_error(task_, "required must be a list of strings");
    required_.push_back((*required)[i].get<std::string>());
  }
  if (!is_list) return schema_error(task_, "required must be a list of strings");
  std::sort(required_.begin(), required_.end());
  required_.erase(std::unique(required_.begin(), required_.end()), required_.end());
  return {};
}

void ObjectCompiler::add_property(const std::string& name, NodeId value, bool is_required) {
  names_.push_back(json::dump(Value(name)));
  properties_.push_back({member_of(syntax_.literal(names_.back()), value), is_required});
}

// Those of "properties", then those that are only required.
Status ObjectCompiler::read_properties() {
  const Value* properties = keyword_of(*task_.schema, "properties");
  if (properties != nullptr && !properties->is_object()) {
    return schema_error(task_, "properties must be an object");
  }
  std::vector<std::string> missing = required_;
  if (properties != nullptr) {
    for (const auto& [name, schema] : properties->items()) {
      SAMOVAR_TRY(context_.check_time());
      const bool is_required = std::binary_search(required_.begin(), required_.end(), name);
      if (is_required) missing.erase(std::lower_bound(missing.begin(), missing.end(), name));
      const NodeId value = context_.later(task_, schema, "/properties" + pointer_step(name));
      add_property(name, value, is_required);
    }
  }
  const Value* additional = keyword_of(*task_.schema, "additionalProperties");
  for (const std::string& name : missing) {
    const NodeId value = additional == nullptr
                             ? json_.any_value()
                             : context_.later(task_, *additional, "/additionalProperties");
    add_property(name, value, true);
  }
  return {};
}

Status ObjectCompiler::read_additional() {
  const Value* schema = keyword_of(*task_.schema, "additionalProperties");
  const bool is_open = schema == nullptr ? keyword_of(*task_.schema, "properties") == nullptr
                                         : !(schema->is_boolean() && !schema->get<bool>());
  if (!is_open) return {};
  const NodeId value = schema == nullptr
                           ? json_.any_value()
                           : context_.later_as_rule(task_, *schema, "/additionalProperties");
  SAMOVAR_ASSIGN(const NodeId key, other_keys(names_, syntax_, json_, context_.limits()));
  const RuleId rule = syntax_.add_rule(task_.pointer + "/additionalProperties");
  syntax_.set_body(rule, member_of(key, value));
  additional_ = syntax_.call(rule);
  return {};
}

NodeId ObjectCompiler::later_additional() {
  if (!additional_) return syntax_.empty();
  return syntax_.repeat(behind_comma(*additional_), 0, kUnbounded);
}

// All members may be missing.
NodeId ObjectCompiler::first_additional() {
  if (!additional_) return syntax_.empty();
  return syntax_.optional(syntax_.sequence({*additional_, later_additional()}));
}

// What may follow when a member was written and property i is next.
NodeId ObjectCompiler::after(size_t i) {
  std::vector<NodeId> parts;
  for (; i < properties_.size(); ++i) {
    const NodeId node = behind_comma(properties_[i].member);
    parts.push_back(properties_[i].is_required ? node : syntax_.optional(node));
  }
  parts.push_back(later_additional());
  return syntax_.sequence(parts);
}

// The first member has no comma before it, and which one is first depends on what is left out. Up
// to the first required property, begin_with[i] (property i, then the rest) and after[i] are rules
// that end in calls of each other, so that nothing is written down twice.
NodeId ObjectCompiler::members() {
  const size_t n = properties_.size();
  const auto first_required = static_cast<size_t>(
      std::find_if(properties_.begin(), properties_.end(),
                   [](const Property& property) { return property.is_required; }) -
      properties_.begin());
  if (first_required == 0 && n > 0) {
    return syntax_.sequence({properties_[0].member, after(1)});
  }
  const size_t n_first = std::min(first_required + 1, n);  // those that may come first
  std::vector<NodeId> first;
  if (first_required == n) first.push_back(first_additional());
  const auto new_rule = [&](size_t i, NodeId body) {
    const RuleId rule = syntax_.add_rule(fmt::format("{}/properties[{}]", task_.pointer, i));
    syntax_.set_body(rule, body);
    return syntax_.call(rule);
  };
  NodeId next = new_rule(n_first, after(n_first));
  for (size_t i = n_first; i > 0; --i) {
    const Property& property = properties_[i - 1];
    const NodeId begin_with = new_rule(i - 1, syntax_.sequence({property.member, next}));
    first.push_back(begin_with);
    const NodeId with_comma = behind_comma(begin_with);
    next = new_rule(i - 1, property.is_required ? with_comma : syntax_.choice({with_comma, next}));
  }
  return syntax_.choice(first);
}

Result<NodeId> ObjectCompiler::run() {
  SAMOVAR_TRY(read_required());
  SAMOVAR_TRY(read_properties());
  SAMOVAR_TRY(read_additional());
  return json_.in_braces(members());
}

}  // namespace

Result<NodeId> compile_object(SchemaContext& context, const SchemaTask& task) {
  return ObjectCompiler(context, task).run();
}

}  // namespace samovar::grammar
