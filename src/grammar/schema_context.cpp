#include "grammar/schema_context.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace samovar::grammar {

bool is_one_of(std::span<const std::string_view> keywords, std::string_view key) {
  return std::find(keywords.begin(), keywords.end(), key) != keywords.end();
}

namespace {

constexpr std::array<std::string_view, 23> kSupported{"type",
                                                      "enum",
                                                      "const",
                                                      "properties",
                                                      "required",
                                                      "additionalProperties",
                                                      "items",
                                                      "minItems",
                                                      "maxItems",
                                                      "prefixItems",
                                                      "additionalItems",
                                                      "minLength",
                                                      "pattern",
                                                      "format",
                                                      "maxLength",
                                                      "minimum",
                                                      "maximum",
                                                      "exclusiveMinimum",
                                                      "anyOf",
                                                      "oneOf",
                                                      "allOf",
                                                      "exclusiveMaximum",
                                                      "$ref"};
// They restrict nothing.
constexpr std::array<std::string_view, 15> kAnnotations{
    "$defs",    "definitions", "title",     "description", "default",
    "examples", "example",     "$schema",   "$id",         "$comment",
    "$anchor",  "readOnly",    "writeOnly", "deprecated",  "strict"};

// Values copied by merging: each costs about a hundred bytes.
constexpr size_t kMaxKeptValues = 200'000;

// Pointers are for messages: the deepest are cut.
constexpr size_t kMaxPointerBytes = 200;
std::string child_pointer(const SchemaTask& parent, const std::string& where) {
  std::string pointer = parent.pointer + where;
  if (pointer.size() <= kMaxPointerBytes) return pointer;
  pointer.resize(kMaxPointerBytes);
  return pointer + "...";
}

std::string unescape_step(std::string_view step) {
  std::string key;
  for (size_t i = 0; i < step.size(); ++i) {
    if (step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1')) {
      key += step[++i] == '0' ? '~' : '/';
    } else {
      key += step[i];
    }
  }
  return key;
}

const json::Value* child_of(const json::Value& value, const std::string& key) {
  if (value.is_object()) return member(value, key);
  size_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  const bool is_index = error == std::errc() && end == key.data() + key.size();
  if (!value.is_array() || !is_index || index >= value.size()) return nullptr;
  return &value[index];
}

}  // namespace

KeywordKind kind_of(std::string_view key) {
  return is_one_of(kSupported, key)     ? KeywordKind::kRestricts
         : is_one_of(kAnnotations, key) ? KeywordKind::kAnnotation
                                        : KeywordKind::kUnsupported;
}

bool restricts(const json::Value& schema, std::string_view key) {
  return kind_of(key) == KeywordKind::kRestricts && keyword_of(schema, key) != nullptr;
}

size_t count_values(const json::Value& value) {
  size_t n = 0;
  std::vector<const json::Value*> open{&value};
  while (!open.empty()) {
    const json::Value& next = *open.back();
    open.pop_back();
    ++n;
    if (!next.is_structured()) continue;
    for (const json::Value& child : next) open.push_back(&child);
  }
  return n;
}

Status schema_error(const SchemaTask& task, std::string_view message) {
  return invalid_argument(fmt::format("JSON Schema: {}: {}", task.pointer, message));
}

std::string pointer_step(std::string_view key) {
  std::string step = "/";
  for (const char c : key) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

const json::Value* member(const json::Value& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

const json::Value* keyword_of(const json::Value& schema, std::string_view key) {
  const json::Value* value = member(schema, key);
  return value != nullptr && value->is_null() && key != "const" ? nullptr : value;
}

namespace {

// Not negative, without a fraction.
bool is_count(const json::Value& value) {
  const double number = value.is_number() ? value.get<double>() : -1;
  return number >= 0 && number == std::floor(number);
}

}  // namespace

Result<uint32_t> read_minimum(const SchemaTask& task, std::string_view key, uint32_t fallback) {
  const json::Value* value = keyword_of(*task.schema, key);
  if (value == nullptr) return fallback;
  if (!is_count(*value) || value->get<double>() > kMaxCount) {
    return schema_error(task, fmt::format("{} must be an integer from 0 to {}", key, kMaxCount));
  }
  return static_cast<uint32_t>(value->get<double>());
}

Result<uint32_t> read_maximum(SchemaContext& context, const SchemaTask& task,
                              std::string_view key) {
  const json::Value* value = keyword_of(*task.schema, key);
  if (value == nullptr) return kUnbounded;
  if (!is_count(*value)) {
    return schema_error(task, fmt::format("{} must be an integer from 0", key));
  }
  if (value->get<double>() <= kMaxCount) return static_cast<uint32_t>(value->get<double>());
  SAMOVAR_TRY(context.unsupported(task, key));
  return kUnbounded;
}

SchemaContext::SchemaContext(const json::Value& root, const SchemaOptions& options,
                             const Limits& limits, Deadline& deadline)
    : root_(root), options_(options), limits_(limits), deadline_(deadline) {}

NodeId SchemaContext::later(const SchemaTask& parent, const json::Value& schema,
                            const std::string& where) {
  const NodeId hole = syntax_.hole();
  tasks_.push_back({&schema, child_pointer(parent, where), parent.depth + 1, hole});
  return hole;
}

NodeId SchemaContext::later_as_rule(const SchemaTask& parent, const json::Value& schema,
                                    const std::string& where) {
  const RuleId rule = syntax_.add_rule(child_pointer(parent, where));
  syntax_.set_body(rule, later(parent, schema, where));
  return syntax_.call(rule);
}

bool SchemaContext::next_task(SchemaTask& task) {
  if (tasks_.empty()) return false;
  task = std::move(tasks_.back());
  tasks_.pop_back();
  return true;
}

RuleId SchemaContext::rule_of(const json::Value& schema, std::string pointer) {
  const auto [entry, is_new] = rules_.try_emplace(&schema, 0);
  if (is_new) {
    entry->second = syntax_.add_rule(pointer);
    const NodeId hole = syntax_.hole();
    syntax_.set_body(entry->second, hole);
    tasks_.push_back({&schema, std::move(pointer), 0, hole});
  }
  return entry->second;
}

NodeId SchemaContext::call_root() {
  return syntax_.call(rule_of(root_, "#"));
}

Result<const json::Value*> SchemaContext::resolve(const SchemaTask& task,
                                                  const json::Value& ref) const {
  if (!ref.is_string()) return schema_error(task, "$ref must be a string");
  const auto& text = ref.get_ref<const std::string&>();
  if (text != "#" && !text.starts_with("#/")) {
    return schema_error(task,
                        fmt::format("$ref \"{}\": only \"#\" and \"#/...\" are supported", text));
  }
  const json::Value* value = &root_;
  for (size_t at = 1; at < text.size();) {
    const size_t end = std::min(text.find('/', at + 1), text.size());
    value = child_of(*value, unescape_step(std::string_view(text).substr(at + 1, end - at - 1)));
    if (value == nullptr) return schema_error(task, fmt::format("$ref \"{}\" names nothing", text));
    at = end;
  }
  return value;
}

Result<NodeId> SchemaContext::call_ref(const SchemaTask& task, const json::Value& ref) {
  SAMOVAR_ASSIGN(const json::Value* target, resolve(task, ref));
  if (rules_.size() >= limits_.max_rules) {
    return schema_error(task, fmt::format("more than {} rules", limits_.max_rules));
  }
  return syntax_.call(rule_of(*target, ref.get<std::string>()));
}

// What a schema says, whatever the order of its allOf: lengths and hashes, for texts may be long. A
// $ref means the same everywhere.
Result<std::string> SchemaContext::merged_key(const json::Value& schema) {
  constexpr size_t kBytesPerStep = 32;
  std::vector<std::string> parts;
  const auto add = [&](const json::Value& part) {
    const std::string text = json::dump(part);
    parts.push_back(fmt::format("{} {};", text.size(), std::hash<std::string>()(text)));
    return check_time(1 + text.size() / kBytesPerStep);
  };
  const json::Value* list = schema.size() == 1 ? member(schema, "allOf") : nullptr;
  if (list != nullptr && list->is_array()) {
    for (const json::Value& part : *list) SAMOVAR_TRY(add(part));
  } else {
    SAMOVAR_TRY(add(schema));
  }
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  std::string key;
  for (const std::string& part : parts) key += part;
  return key;
}

Result<NodeId> SchemaContext::call_merged(const SchemaTask& task) {
  SAMOVAR_ASSIGN(std::string key, merged_key(*task.schema));
  const auto [entry, is_new] = merged_rules_.try_emplace(std::move(key), 0);
  if (is_new) {
    if (rules_.size() + merged_rules_.size() > limits_.max_rules) {
      return schema_error(task, fmt::format("more than {} rules", limits_.max_rules));
    }
    entry->second = syntax_.add_rule(task.pointer);
    const NodeId hole = syntax_.hole();
    syntax_.set_body(entry->second, hole);
    tasks_.push_back({task.schema, task.pointer, 0, hole, true});
  }
  return syntax_.call(entry->second);
}

Result<const json::Value*> SchemaContext::keep(json::Value value) {
  n_kept_values_ += count_values(value);
  if (n_kept_values_ > kMaxKeptValues) {
    return invalid_argument("JSON Schema: anyOf, allOf and $ref multiply it beyond all bounds");
  }
  kept_.push_back(std::move(value));
  return &kept_.back();
}

NodeId SchemaContext::contradiction(const SchemaTask& task, std::string_view message) {
  if (contradiction_.empty()) contradiction_ = schema_error(task, message).message();
  return syntax_.nothing();
}

Status SchemaContext::unsupported(const SchemaTask& task, std::string_view keyword) {
  std::string pointer = task.pointer + pointer_step(keyword);
  if (options_.unsupported == SchemaOptions::Unsupported::kRefuse) {
    return invalid_argument(fmt::format("JSON Schema: {} is not supported", pointer));
  }
  constexpr size_t kMaxListed = 64;
  const bool is_new = std::find(ignored_.begin(), ignored_.end(), pointer) == ignored_.end();
  if (is_new && ignored_.size() < kMaxListed) ignored_.push_back(std::move(pointer));
  return {};
}

}  // namespace samovar::grammar
