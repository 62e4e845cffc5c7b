// JsonRules: the parts of JSON text that schemas are made of.
//
// White space is at most one space, or a newline with up to 20 spaces or tabs: free enough for any
// usual layout, and a model can't go on with it for ever. Numbers stay inside double and int64, a
// string escapes no half of a surrogate pair. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grammar/syntax.h"

#include <optional>
#include <string>
#include <string_view>

namespace samovar::grammar {

class JsonRules {
 public:
  explicit JsonRules(Syntax& syntax) : syntax_(syntax) {}

  NodeId space();
  NodeId string();  // in its quotes
  NodeId number();
  NodeId integer();
  NodeId boolean();
  NodeId null() { return syntax_.literal("null"); }
  NodeId any_object();
  NodeId any_array();
  NodeId any_value();
  NodeId comma();  // and the space behind

  // Any character of a string, all escapes allowed.
  NodeId character();
  // One character out of `set` in one spelling: itself, or an escape where there must be one.
  // Control characters are left out of sets of more than 256.
  NodeId character_of(const CodePointSet& set);
  // Any character, spelled as character_of() does.
  NodeId plain_character();
  NodeId quoted(NodeId inside);
  // "[", elements, "]": `count` of them, each with space behind.
  NodeId in_brackets(NodeId elements) { return enclosed("[", elements, "]"); }
  NodeId in_braces(NodeId members) { return enclosed("{", members, "}"); }

 private:
  NodeId enclosed(std::string_view open, NodeId inside, std::string_view close);
  // A list of one element and more, each with space behind, or of none.
  NodeId list_of(NodeId element);
  NodeId digits(uint32_t min, uint32_t max);

  Syntax& syntax_;
  std::optional<NodeId> plain_character_;
  std::optional<RuleId> space_, string_, number_, integer_, object_, array_, value_;
};

}  // namespace samovar::grammar
