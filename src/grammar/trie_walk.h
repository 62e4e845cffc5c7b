// TrieWalk: a vocabulary's trie and a grammar's configurations side by side.
// Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/configuration_table.h"
#include "grammar/mask_cache.h"
#include "grammar/token_trie.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace samovar::grammar {

// What one mask may cost; counted, not timed, so that equal requests end equally.
struct WalkBudget {
  uint64_t max_work;       // nodes walked; and items of new configurations, a quarter as many
  size_t max_table_bytes;  // of the ConfigurationTable
};

class TrieWalk {
 public:
  // BORROWS both.
  TrieWalk(const TokenTrie& trie, ConfigurationTable& table, WalkBudget budget);

  // REQUIRES: mask.words has a word more than the trie's masks.
  // Sets the bits of the tokens below `node` that `config` allows, `config` being what is known
  // there. kResourceExhausted over the budget.
  Status add_tokens(uint32_t node, ConfigId config, Mask& mask);
  // As add_tokens() from the root for a configuration cut off at the bottom: fills exits and
  // deepest too.
  Status fill_part(ConfigId config, Mask& mask);

 private:
  template <bool kIsPart>
  Status walk(uint32_t node, ConfigId config, Mask& mask);
  Status check_budget() const;

  const TokenTrie& trie_;
  ConfigurationTable& table_;
  uint64_t max_nodes_;
  uint64_t n_nodes_ = 0;
  std::vector<ConfigId> path_;  // [max_depth + 1], by depth
};

}  // namespace samovar::grammar
