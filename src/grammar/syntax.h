// Syntax: the tree that GBNF, schemas and patterns become, before the automaton is built.
//
// Nodes live in one array and name each other by number, so trees of any depth are built and
// dropped without recursion. A node may have several parents. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grammar/code_point_set.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::grammar {

using NodeId = uint32_t;
using RuleId = uint32_t;

inline constexpr uint32_t kUnbounded = 0xFFFFFFFF;

enum class NodeKind : uint8_t {
  kLiteral,   // bytes
  kClass,     // one code point of a set
  kSequence,  // all children, in order; none: the empty text
  kChoice,    // one of the children; none: nothing matches
  kRepeat,    // the child, min to max times
  kCall,      // a rule
};

struct Node {
  NodeKind kind = NodeKind::kSequence;
  uint32_t first = 0;  // literal: into bytes; class: into sets; sequence, choice, repeat: into
                       // children; call: the rule
  uint32_t count = 0;  // literal: bytes; sequence, choice, repeat: children
  uint32_t min = 0, max = 0;  // repeat
  bool is_counted = false;    // repeat: as count() says
};

class Syntax {
 public:
  struct Rule {
    std::string name;
    NodeId body = 0;
  };

  NodeId literal(std::string_view bytes);
  NodeId one_of(CodePointSet set);
  NodeId sequence(std::span<const NodeId> children) {
    return add_parent(NodeKind::kSequence, children);
  }
  NodeId sequence(std::initializer_list<NodeId> c) {
    return sequence(std::span(c.begin(), c.size()));
  }
  NodeId choice(std::span<const NodeId> children) {
    return add_parent(NodeKind::kChoice, children);
  }
  NodeId choice(std::initializer_list<NodeId> c) { return choice(std::span(c.begin(), c.size())); }
  NodeId empty() { return sequence({}); }
  NodeId nothing() { return choice({}); }
  // REQUIRES: min <= max; max may be kUnbounded.
  NodeId repeat(NodeId child, uint32_t min, uint32_t max);
  // The same for bounds that may be large: many times cost no more states than once.
  NodeId count(NodeId child, uint32_t min, uint32_t max);
  NodeId optional(NodeId child) { return repeat(child, 0, 1); }
  NodeId call(RuleId rule) { return add({NodeKind::kCall, rule}); }

  // A node to be given its content later, for trees built from the root.
  NodeId hole();
  void fill(NodeId hole, NodeId content);

  RuleId add_rule(std::string name);
  // Takes in all of `other`; RETURNS what became of its rule `root`.
  RuleId append(const Syntax& other, RuleId root);
  void set_body(RuleId rule, NodeId body) { rules_[rule].body = body; }

  size_t n_nodes() const { return nodes_.size(); }
  size_t n_rules() const { return rules_.size(); }
  const Node& node(NodeId id) const { return nodes_[id]; }
  const Rule& rule(RuleId id) const { return rules_[id]; }
  // Of a sequence, a choice or a repeat.
  std::span<const NodeId> children(const Node& node) const {
    return std::span(children_).subspan(node.first, node.count);
  }
  std::string_view bytes(const Node& literal) const {
    return std::string_view(bytes_).substr(literal.first, literal.count);
  }
  const CodePointSet& set(const Node& one_of) const { return sets_[one_of.first]; }

 private:
  NodeId add(Node node);
  NodeId add_parent(NodeKind kind, std::span<const NodeId> children);

  std::vector<Node> nodes_;
  std::vector<NodeId> children_;
  std::string bytes_;
  std::vector<CodePointSet> sets_;
  std::vector<Rule> rules_;
};

}  // namespace samovar::grammar
