// "type": "array".
// SPDX-License-Identifier: Apache-2.0
#include "grammar/schema_context.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

using json::Value;

class ArrayCompiler {
 public:
  ArrayCompiler(SchemaContext& context, const SchemaTask& task)
      : context_(context), syntax_(context.syntax()), json_(context.json()), task_(task) {}
  Result<NodeId> run();

 private:
  Status read_items();
  NodeId element(NodeId value) { return syntax_.sequence({value, json_.space()}); }
  NodeId more(NodeId value) { return syntax_.sequence({json_.comma(), element(value)}); }
  // min to max further elements, each behind a comma.
  NodeId further(uint32_t min, uint32_t max);

  SchemaContext& context_;
  Syntax& syntax_;
  JsonRules& json_;
  const SchemaTask& task_;
  std::vector<NodeId> prefix_;  // the first elements, one schema each
  std::optional<NodeId> rest_;  // any later one
  bool is_open_ = false;        // nothing is said about later ones
};

Status ArrayCompiler::read_items() {
  const Value* items = keyword_of(*task_.schema, "items");
  const Value* prefix = keyword_of(*task_.schema, "prefixItems");
  const char* prefix_name = "prefixItems";
  if (items != nullptr && items->is_array()) {  // as until draft 2019-09
    prefix = items;
    prefix_name = "items";
    items = keyword_of(*task_.schema, "additionalItems");
  }
  if (prefix != nullptr && !prefix->is_array())
    return schema_error(task_, "prefixItems must be a list");
  for (size_t i = 0; prefix != nullptr && i < prefix->size(); ++i) {
    prefix_.push_back(context_.later(task_, (*prefix)[i], fmt::format("/{}/{}", prefix_name, i)));
  }
  is_open_ = items == nullptr;
  if (items != nullptr) {
    rest_ = context_.later_as_rule(task_, *items, "/items");
  } else if (prefix_.empty()) {
    rest_ = json_.any_value();
  }
  return {};
}

NodeId ArrayCompiler::further(uint32_t min, uint32_t max) {
  if (!rest_) return min == 0 ? syntax_.empty() : syntax_.nothing();
  return syntax_.count(more(*rest_), min, max);
}

Result<NodeId> ArrayCompiler::run() {
  SAMOVAR_TRY(read_items());
  const auto n_prefix = static_cast<uint32_t>(prefix_.size());
  SAMOVAR_ASSIGN(const uint32_t max, read_maximum(context_, task_, "maxItems"));
  SAMOVAR_ASSIGN(const uint32_t min, read_minimum(task_, "minItems", std::min(n_prefix, max)));
  if (min > max) return context_.contradiction(task_, "minItems exceeds maxItems");
  if (is_open_ && min > n_prefix) rest_ = json_.any_value();
  if (!rest_ && n_prefix == 0 && min == 0) return json_.in_brackets(syntax_.empty());
  if (max == 0) return json_.in_brackets(syntax_.empty());
  const auto minus = [](uint32_t a, uint32_t b) {
    return a == kUnbounded ? a : a - std::min(a, b);
  };
  if (n_prefix == 0) {
    const NodeId all = syntax_.sequence({element(*rest_), further(minus(min, 1), minus(max, 1))});
    return json_.in_brackets(min == 0 ? syntax_.optional(all) : all);
  }
  // From the last to the first: an element may only stand where the one before it does.
  const uint32_t n_used = std::min(n_prefix, max);
  NodeId tail =
      n_used == max ? syntax_.empty() : further(minus(min, n_prefix), minus(max, n_prefix));
  for (uint32_t i = n_used; i > 0; --i) {
    const NodeId one = i == 1 ? element(prefix_[0]) : more(prefix_[i - 1]);
    tail = syntax_.sequence({one, tail});
    if (i > min) tail = syntax_.optional(tail);
  }
  return json_.in_brackets(tail);
}

}  // namespace

Result<NodeId> compile_array(SchemaContext& context, const SchemaTask& task) {
  return ArrayCompiler(context, task).run();
}

}  // namespace samovar::grammar
