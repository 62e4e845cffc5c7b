#include "grammar/other_keys.h"

#include "grammar/gbnf_characters.h"

#include <algorithm>
#include <map>
#include <utility>

namespace samovar::grammar {
namespace {

// The names without their first quote, by code points. Children have larger numbers than parents.
struct TrieNode {
  std::map<char32_t, size_t> children;
  bool is_in_escape = false;  // behind a backslash: only what the name has may follow
};

Result<std::vector<TrieNode>> make_trie(const std::vector<std::string>& names,
                                        const Limits& limits) {
  std::vector<TrieNode> trie(1);
  for (const std::string& name : names) {
    size_t node = 0;
    size_t escape_end = 0;
    for (size_t at = 1; at < name.size();) {
      if (name[at] == '\\' && at >= escape_end) escape_end = at + (name[at + 1] == 'u' ? 6 : 2);
      SAMOVAR_ASSIGN(const char32_t c, read_utf8(name, at));
      const auto [child, is_new] = trie[node].children.try_emplace(c, trie.size());
      node = child->second;
      if (is_new) trie.push_back({{}, at < escape_end});
    }
    if (trie.size() > limits.max_nodes) {
      return invalid_argument("JSON Schema: the names of the properties are too long");
    }
  }
  return trie;
}

}  // namespace

Result<NodeId> other_keys(const std::vector<std::string>& names, Syntax& syntax, JsonRules& json,
                          const Limits& limits) {
  if (names.empty()) return json.string();
  SAMOVAR_ASSIGN(const std::vector<TrieNode> trie, make_trie(names, limits));
  const NodeId end = syntax.literal("\"");
  const RuleId rest = syntax.add_rule("rest of a key");  // a call at the end needs no frame
  syntax.set_body(rest, syntax.sequence({syntax.repeat(json.character(), 0, kUnbounded), end}));
  const CodePointSet special{{0, 0x1F}, {'"', '"'}, {'\\', '\\'}};
  std::vector<NodeId> nodes(trie.size());
  for (size_t i = trie.size(); i > 0; --i) {
    const TrieNode& node = trie[i - 1];
    if (node.children.empty()) {  // behind a name's last quote
      nodes[i - 1] = syntax.nothing();
      continue;
    }
    CodePointSet taken = special;
    std::vector<NodeId> ways;
    for (const auto& [c, child] : node.children) {
      taken.add(c, c);
      std::string text;
      append_utf8(c, text);
      ways.push_back(syntax.sequence({syntax.literal(text), nodes[child]}));
    }
    if (!node.is_in_escape) {
      ways.push_back(syntax.sequence({syntax.one_of(taken.complement()), syntax.call(rest)}));
      if (!node.children.contains('"')) ways.push_back(end);
    }
    nodes[i - 1] = syntax.choice(ways);
  }
  return syntax.sequence({end, nodes[0]});
}

}  // namespace samovar::grammar
