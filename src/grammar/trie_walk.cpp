#include "grammar/trie_walk.h"

#include <algorithm>

namespace samovar::grammar {

TrieWalk::TrieWalk(const TokenTrie& trie, ConfigurationTable& table, WalkBudget budget)
    : trie_(trie),
      table_(table),
      budget_(budget),
      visits_before_(table.n_visits()),
      path_(trie.max_depth() + 1) {}

Status TrieWalk::check_budget() const {
  const uint64_t work = n_nodes_ + 4 * (table_.n_visits() - visits_before_);
  if (work <= budget_.max_work && table_.memory_bytes() <= budget_.max_table_bytes) return {};
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
  return {};
}

Status TrieWalk::add_tokens(uint32_t node, ConfigId config, Mask& mask) {
  SAMOVAR_TRY(check_budget());
  return walk<false>(node, config, mask);
}

Status TrieWalk::fill_part(ConfigId config, Mask& mask) {
  SAMOVAR_TRY(check_budget());
  return walk<true>(0, config, mask);
}

}  // namespace samovar::grammar
