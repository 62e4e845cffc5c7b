#include "grammar/json_schema.h"

#include "grammar/schema_context.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

using json::Value;

constexpr std::array<std::string_view, 7> kTypes{"object", "array",   "string", "integer",
                                                 "number", "boolean", "null"};

struct ImpliedType {
  std::string_view keyword, type;
};
constexpr std::array<ImpliedType, 15> kImpliedTypes{{{"properties", "object"},
                                                     {"required", "object"},
                                                     {"additionalProperties", "object"},
                                                     {"items", "array"},
                                                     {"prefixItems", "array"},
                                                     {"minItems", "array"},
                                                     {"maxItems", "array"},
                                                     {"minLength", "string"},
                                                     {"maxLength", "string"},
                                                     {"pattern", "string"},
                                                     {"format", "string"},
                                                     {"minimum", "integer"},
                                                     {"maximum", "integer"},
                                                     {"exclusiveMinimum", "integer"},
                                                     {"exclusiveMaximum", "integer"}}};

class SchemaCompiler {
 public:
  SchemaCompiler(const Value& root, const SchemaOptions& options, const Limits& limits,
                 Deadline& deadline)
      : context_(root, options, limits, deadline) {}
  Result<SchemaSyntax> run();

 private:
  Syntax& syntax() { return context_.syntax(); }

  Result<NodeId> compile(SchemaTask& task);
  Result<NodeId> compile_keywords(const SchemaTask& task);
  Result<NodeId> compile_alternatives(const SchemaTask& task, const std::string& keyword);
  Result<NodeId> compile_type(const SchemaTask& task, std::string_view type);
  Result<std::vector<std::string_view>> types_of(const SchemaTask& task) const;
  Status note_unsupported(const SchemaTask& task);

  SchemaContext context_;
};

// Empty: no type is given, nor implied by a keyword; or none is left.
Result<std::vector<std::string_view>> SchemaCompiler::types_of(const SchemaTask& task) const {
  std::vector<std::string_view> types;
  const Value* type = keyword_of(*task.schema, "type");
  if (type == nullptr) {
    for (const ImpliedType& implied : kImpliedTypes) {
      const bool is_new = types.empty() || types.back() != implied.type;
      if (is_new && keyword_of(*task.schema, implied.keyword) != nullptr)
        types.push_back(implied.type);
    }
    return types;
  }
  const auto add = [&types](const Value& name) {
    if (!name.is_string() || !is_one_of(kTypes, name.get_ref<const std::string&>())) return false;
    const std::string_view text = name.get_ref<const std::string&>();
    if (std::find(types.begin(), types.end(), text) == types.end()) types.push_back(text);
    return true;
  };
  bool is_known = true;
  if (type->is_array()) {
    for (const Value& name : *type) is_known = is_known && add(name);
  } else {
    is_known = add(*type);
  }
  if (!is_known) return schema_error(task, fmt::format("unknown type {}", json::dump(*type)));
  return types;
}

Status SchemaCompiler::note_unsupported(const SchemaTask& task) {
  for (const auto& [key, value] : task.schema->items()) {
    if (kind_of(key) != KeywordKind::kUnsupported || value.is_null()) continue;
    SAMOVAR_TRY(context_.unsupported(task, key));
  }
  return {};
}

// Each alternative together with the keywords beside the list.
Result<NodeId> SchemaCompiler::compile_alternatives(const SchemaTask& task,
                                                    const std::string& keyword) {
  const Value& list = task.schema->at(keyword);
  if (!list.is_array() || list.empty()) {
    return schema_error(task, keyword + " must be a list that is not empty");
  }
  Value rest = Value::object();
  for (const auto& [key, value] : task.schema->items()) {
    if (key != keyword && restricts(*task.schema, key)) rest[key] = value;
  }
  std::vector<NodeId> alternatives;
  for (size_t i = 0; i < list.size(); ++i) {
    SAMOVAR_TRY(context_.check_time());
    const Value* schema = &list[i];
    if (!rest.empty()) {
      Value both = Value::object();
      both["allOf"].push_back(rest);
      both["allOf"].push_back(list[i]);
      SAMOVAR_ASSIGN(schema, context_.keep(std::move(both)));
    }
    alternatives.push_back(context_.later(task, *schema, fmt::format("/{}/{}", keyword, i)));
  }
  return syntax().choice(alternatives);
}

Result<NodeId> SchemaCompiler::compile_type(const SchemaTask& task, std::string_view type) {
  JsonRules& json = context_.json();
  if (type == "object") return compile_object(context_, task);
  if (type == "array") return compile_array(context_, task);
  if (type == "string") return compile_string(context_, task);
  if (type == "integer") return compile_integer(context_, task);
  if (type == "boolean") return json.boolean();
  if (type == "null") return json.null();
  for (const char* bound : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}) {
    if (keyword_of(*task.schema, bound) != nullptr) SAMOVAR_TRY(context_.unsupported(task, bound));
  }
  return json.number();
}

// REQUIRES: an object without $ref; allOf only beside anyOf or oneOf.
Result<NodeId> SchemaCompiler::compile_keywords(const SchemaTask& task) {
  SAMOVAR_TRY(note_unsupported(task));
  for (const char* keyword : {"anyOf", "oneOf"}) {
    if (keyword_of(*task.schema, keyword) != nullptr) return compile_alternatives(task, keyword);
  }
  SAMOVAR_ASSIGN(const std::vector<std::string_view> types, types_of(task));
  if (keyword_of(*task.schema, "enum") != nullptr || keyword_of(*task.schema, "const") != nullptr) {
    const bool has_types = keyword_of(*task.schema, "type") != nullptr;
    return compile_values(
        context_, task,
        has_types ? types : std::vector<std::string_view>(kTypes.begin(), kTypes.end()));
  }
  if (types.empty() && keyword_of(*task.schema, "type") != nullptr) {
    return context_.contradiction(task, "no type is left");
  }
  if (types.empty()) return context_.json().any_value();
  std::vector<NodeId> nodes;
  for (const std::string_view type : types) {
    SAMOVAR_ASSIGN(const NodeId node, compile_type(task, type));
    nodes.push_back(node);
  }
  return nodes.size() == 1 ? nodes.front() : syntax().choice(nodes);
}

bool is_only_ref(const Value& schema) {
  return std::all_of(schema.items().begin(), schema.items().end(), [&](const auto& item) {
    return item.key() == "$ref" || !restricts(schema, item.key());
  });
}

Result<NodeId> SchemaCompiler::compile(SchemaTask& task) {
  if (task.depth > context_.limits().max_depth) {
    return schema_error(task,
                        fmt::format("schemas nest deeper than {}", context_.limits().max_depth));
  }
  const Value* ref = keyword_of(*task.schema, "$ref");
  if (ref != nullptr && is_only_ref(*task.schema)) {
    SAMOVAR_TRY(note_unsupported(task));
    return context_.call_ref(task, *ref);
  }
  if (ref != nullptr || keyword_of(*task.schema, "allOf") != nullptr) {
    if (!task.is_merged) return context_.call_merged(task);
    SAMOVAR_ASSIGN(task.schema, merge_all(context_, task));
  }
  if (task.schema->is_boolean()) {
    return task.schema->get<bool>() ? context_.json().any_value() : syntax().nothing();
  }
  if (!task.schema->is_object()) {
    return schema_error(task, "a schema must be an object or a boolean");
  }
  return compile_keywords(task);
}

Result<SchemaSyntax> SchemaCompiler::run() {
  const RuleId root = syntax().add_rule("root");
  syntax().set_body(root, context_.call_root());
  SchemaTask task;
  while (context_.next_task(task)) {
    SAMOVAR_TRY(context_.check_time());
    const NodeId hole = task.hole;
    SAMOVAR_ASSIGN(const NodeId node, compile(task));
    syntax().fill(hole, node);
    if (syntax().n_nodes() > context_.limits().max_nodes) {
      return schema_error(task, "the schema is too large");
    }
  }
  return SchemaSyntax{
      {context_.take_syntax(), root}, context_.take_ignored(), context_.first_contradiction()};
}

}  // namespace

Result<SchemaSyntax> parse_json_schema(const json::Value& schema, const SchemaOptions& options,
                                       const Limits& limits, Deadline& deadline) {
  return SchemaCompiler(schema, options, limits, deadline).run();
}

}  // namespace samovar::grammar
