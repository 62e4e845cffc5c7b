#include "grammar/syntax.h"

#include "base/check.h"

#include <algorithm>
#include <utility>

namespace samovar::grammar {

NodeId Syntax::add(Node node) {
  nodes_.push_back(node);
  return static_cast<NodeId>(nodes_.size() - 1);
}

NodeId Syntax::add_parent(NodeKind kind, std::span<const NodeId> children) {
  const auto first = static_cast<uint32_t>(children_.size());
  children_.insert(children_.end(), children.begin(), children.end());
  return add({kind, first, static_cast<uint32_t>(children.size())});
}

NodeId Syntax::literal(std::string_view bytes) {
  const auto first = static_cast<uint32_t>(bytes_.size());
  bytes_ += bytes;
  return add({NodeKind::kLiteral, first, static_cast<uint32_t>(bytes.size())});
}

NodeId Syntax::one_of(CodePointSet set) {
  sets_.push_back(std::move(set));
  return add({NodeKind::kClass, static_cast<uint32_t>(sets_.size() - 1)});
}

NodeId Syntax::repeat(NodeId child, uint32_t min, uint32_t max) {
  SAMOVAR_CHECK(min <= max);
  const auto is_simple = [](uint32_t least, uint32_t most) {
    return least <= 1 && (most == 1 || most == kUnbounded);
  };
  const Node inner = nodes_[child];
  if (inner.kind == NodeKind::kRepeat && is_simple(min, max) && is_simple(inner.min, inner.max)) {
    return repeat(children_[inner.first], min * inner.min, std::max(max, inner.max));
  }
  const NodeId id = add_parent(NodeKind::kRepeat, std::span(&child, 1));
  nodes_[id].min = min;
  nodes_[id].max = max;
  return id;
}

NodeId Syntax::count(NodeId child, uint32_t min, uint32_t max) {
  SAMOVAR_CHECK(min <= max);
  const NodeId id = add_parent(NodeKind::kRepeat, std::span(&child, 1));
  nodes_[id].min = min;
  nodes_[id].max = max;
  nodes_[id].is_counted = true;
  return id;
}

NodeId Syntax::hole() {
  const NodeId none = 0;
  return add_parent(NodeKind::kSequence, std::span(&none, 1));
}

void Syntax::fill(NodeId hole, NodeId content) {
  children_[nodes_[hole].first] = content;
}

RuleId Syntax::add_rule(std::string name) {
  rules_.push_back({std::move(name), 0});
  return static_cast<RuleId>(rules_.size() - 1);
}

RuleId Syntax::append(const Syntax& other, RuleId root) {
  const auto n_nodes = static_cast<uint32_t>(nodes_.size());
  const auto n_children = static_cast<uint32_t>(children_.size());
  const auto n_bytes = static_cast<uint32_t>(bytes_.size());
  const auto n_sets = static_cast<uint32_t>(sets_.size());
  const auto n_rules = static_cast<uint32_t>(rules_.size());
  for (Node node : other.nodes_) {
    const bool is_parent = node.kind == NodeKind::kSequence || node.kind == NodeKind::kChoice ||
                           node.kind == NodeKind::kRepeat;
    node.first += is_parent                       ? n_children
                  : node.kind == NodeKind::kCall  ? n_rules
                  : node.kind == NodeKind::kClass ? n_sets
                                                  : n_bytes;
    nodes_.push_back(node);
  }
  for (const NodeId child : other.children_) children_.push_back(child + n_nodes);
  bytes_ += other.bytes_;
  sets_.insert(sets_.end(), other.sets_.begin(), other.sets_.end());
  for (const Rule& rule : other.rules_) rules_.push_back({rule.name, rule.body + n_nodes});
  return root + n_rules;
}

}  // namespace samovar::grammar
