#include "grammar/trie_walk.h"

#include <algorithm>

namespace samovar::grammar {
namespace {

constexpr uint64_t kVisitWork = 4;  // an item costs as much as so many nodes, about

}  // namespace

TrieWalk::TrieWalk(const TokenTrie& trie, ConfigurationTable& table, WalkBudget budget)
    : trie_(trie), table_(table), max_nodes_(budget.max_work), path_(trie.max_depth() + 1) {
  table.set_budget(budget.max_work / kVisitWork, budget.max_table_bytes);
}

Status TrieWalk::check_budget() const {
  if (n_nodes_ <= max_nodes_ && !table_.is_exhausted()) return {};
  return resource_exhausted("grammar: too ambiguous to find the tokens it allows");
}

template <bool kIsPart>
Status TrieWalk::walk(uint32_t node, ConfigId config, Mask& mask) {
  constexpr uint32_t kNodesPerCheck = 256;
  const TokenTrie::Node* const nodes = trie_.nodes().data();
  uint32_t* const words = mask.words.data();
  uint32_t until_check = kNodesPerCheck;
  const uint32_t end = nodes[node].end;
  path_[nodes[node].depth] = config;
  for (uint32_t i = node + 1; i < end;) {
    if (--until_check == 0) {
      until_check = kNodesPerCheck;
      n_nodes_ += kNodesPerCheck;
      SAMOVAR_TRY(check_budget());
    }
    const TokenTrie::Node& at = nodes[i];
    const ConfigId next = table_.step(path_[at.depth - 1U], at.byte);
    if (next == kDeadConfig) {
      i = at.end;
      continue;
    }
    path_[at.depth] = next;
    words[at.token / 32] |= uint32_t{1} << (at.token % 32);
    if constexpr (kIsPart) {
      mask.deepest = std::max(mask.deepest, table_.deepest(next));
      if (table_.can_end(next) && at.end > i + 1) mask.exits.push_back(i);
    }
    ++i;
  }
  n_nodes_ += kNodesPerCheck - until_check;
  return check_budget();
}

Status TrieWalk::add_tokens(uint32_t node, ConfigId config, Mask& mask) {
  return walk<false>(node, config, mask);
}

Status TrieWalk::fill_part(ConfigId config, Mask& mask) {
  return walk<true>(0, config, mask);
}

}  // namespace samovar::grammar
