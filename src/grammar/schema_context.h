// SchemaContext: what all parts of the schema compiler share while one schema is compiled.
//
// Include from .cpp files only: brings the JSON library. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/json_rules.h"
#include "grammar/json_schema.h"
#include "grammar/limits.h"
#include "grammar/syntax.h"
#include "json/json.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace samovar::grammar {

// A subschema that is to fill a hole of the tree.
struct SchemaTask {
  const json::Value* schema;
  std::string pointer;  // "#/properties/a", for messages
  int depth;
  NodeId hole = 0;
  bool is_merged = false;  // the body of a rule for merged schemas: to be merged
};

enum class KeywordKind { kRestricts, kAnnotation, kUnsupported };
KeywordKind kind_of(std::string_view key);

bool is_one_of(std::span<const std::string_view> keywords, std::string_view key);

class SchemaContext {
 public:
  SchemaContext(const json::Value& root, const SchemaOptions& options, const Limits& limits,
                Deadline& deadline);

  Syntax& syntax() { return syntax_; }
  JsonRules& json() { return json_; }
  const Limits& limits() const { return limits_; }

  // A node that `schema` will fill later. `where` is appended to the parent's pointer.
  NodeId later(const SchemaTask& parent, const json::Value& schema, const std::string& where);
  // The same as a rule, for what is called from several places.
  NodeId later_as_rule(const SchemaTask& parent, const json::Value& schema,
                       const std::string& where);
  bool next_task(SchemaTask& task);

  // The rule of a "$ref", made when it is new.
  Result<NodeId> call_ref(const SchemaTask& task, const json::Value& ref);
  // The rule of a schema that is to be merged with those it names, made when what it says is new:
  // equal ones share it, so recursion through them comes to an end.
  Result<NodeId> call_merged(const SchemaTask& task);
  // The schema that a "$ref" names.
  Result<const json::Value*> resolve(const SchemaTask& task, const json::Value& ref) const;
  NodeId call_root();

  Deadline& deadline() { return deadline_; }
  Status check_time(size_t work = 1) { return deadline_.check(work); }

  // Keeps a value that was made here. kInvalidArgument when too much was kept.
  Result<const json::Value*> keep(json::Value value);

  // A keyword that can't be kept to: noted once, or kInvalidArgument.
  Status unsupported(const SchemaTask& task, std::string_view keyword);
  // A schema that nothing matches: no error where it is one of several, but the reason to give if
  // nothing matches the whole. The first is kept.
  NodeId contradiction(const SchemaTask& task, std::string_view message);
  const std::string& first_contradiction() const { return contradiction_; }
  std::vector<std::string> take_ignored() { return std::move(ignored_); }
  Syntax take_syntax() { return std::move(syntax_); }

 private:
  RuleId rule_of(const json::Value& schema, std::string pointer);
  Result<std::string> merged_key(const json::Value& schema);

  const json::Value& root_;
  const SchemaOptions& options_;
  const Limits& limits_;
  Deadline& deadline_;
  Syntax syntax_;
  JsonRules json_{syntax_};
  std::vector<SchemaTask> tasks_;
  std::unordered_map<const json::Value*, RuleId> rules_;
  std::unordered_map<std::string, RuleId> merged_rules_;  // by what they say
  std::deque<json::Value> kept_;
  size_t n_kept_values_ = 0;
  std::vector<std::string> ignored_;
  std::string contradiction_;
};

// "#/a/b: MESSAGE".
Status schema_error(const SchemaTask& task, std::string_view message);
// `key` as a step of a JSON pointer, with the slash.
std::string pointer_step(std::string_view key);
// The member, or null.
const json::Value* member(const json::Value& object, std::string_view key);
// A keyword's value; null for one that is absent, which a JSON null means too, except for "const".
const json::Value* keyword_of(const json::Value& schema, std::string_view key);
// It is there and restricts what matches.
bool restricts(const json::Value& schema, std::string_view key);
// Of the value and all below it.
size_t count_values(const json::Value& value);
// The most that a grammar counts to: no answer is so long. A larger maximum is as good as none.
inline constexpr uint32_t kMaxCount = 1'000'000;
// A count such as minItems.
Result<uint32_t> read_minimum(const SchemaTask& task, std::string_view key, uint32_t fallback);
// A count such as maxItems; kUnbounded when absent, or over kMaxCount: then it is noted.
Result<uint32_t> read_maximum(SchemaContext& context, const SchemaTask& task, std::string_view key);

// schema_merge.cpp: follows $ref and allOf and puts all into one object (or a boolean).
Result<const json::Value*> merge_all(SchemaContext& context, const SchemaTask& task);
// One type each.
Result<NodeId> compile_object(SchemaContext& context, const SchemaTask& task);
Result<NodeId> compile_array(SchemaContext& context, const SchemaTask& task);
// A string that "pattern" or "format" describes, in its quotes; none when it is absent or, which is
// noted, not supported.
Result<std::optional<NodeId>> read_pattern(SchemaContext& context, const SchemaTask& task,
                                           Syntax& syntax, JsonRules& json);
Result<std::optional<NodeId>> read_format(SchemaContext& context, const SchemaTask& task,
                                          Syntax& syntax, JsonRules& json);
Result<NodeId> compile_string(SchemaContext& context, const SchemaTask& task);
Result<NodeId> compile_integer(SchemaContext& context, const SchemaTask& task);
// enum and const: those values that the keywords beside them allow. `types`: what "type" names.
Result<NodeId> compile_values(SchemaContext& context, const SchemaTask& task,
                              std::span<const std::string_view> types);

}  // namespace samovar::grammar
