#include "grammar/token_masks.h"

#include "grammar/configuration_table.h"
#include "grammar/mask_cache.h"
#include "grammar/trie_walk.h"

#include <algorithm>
#include <list>
#include <utility>
#include <vector>

namespace samovar::grammar {
namespace {

// A part with more exits than this is no gain over walking with the whole stack.
constexpr size_t kMaxExits = 8192;
// More stacks than this at once are walked together.
constexpr size_t kMaxGroups = 8;
constexpr size_t kMaxGrammars = 64;
// Of a table while one mask is computed, B: over what is kept, for that time.
constexpr size_t kMaxTableGrowth = size_t{4} << 20;
// Deeper than any stack: the part is never used.
constexpr uint32_t kUnusable = 0xFFFFFFFF;

bool by_frame(const Item& a, const Item& b) {
  return a.frame != b.frame ? a.frame < b.frame : a.state < b.state;
}

}  // namespace

struct TokenMasks::Impl {
  // What is known of one grammar.
  struct Known {
    Known(std::shared_ptr<const Automaton> a, uint64_t n) : automaton(a), number(n), table(a) {}
    std::shared_ptr<const Automaton> automaton;  // kept alive: its address is its name
    uint64_t number;                             // of the table, in MaskKey
    ConfigurationTable table;
  };
  // States over one and the same frame.
  struct Group {
    FrameId frame;
    std::vector<Item> items;
  };

  Impl(std::shared_ptr<const TokenTrie> t, const MaskOptions& o)
      : trie(std::move(t)), options(o), cache(o.max_bytes / 2) {}

  Known& known_of(const std::shared_ptr<const Automaton>& automaton);
  size_t table_bytes() const;
  std::vector<Group> groups_of(const Known& known, ConfigId config) const;
  Result<Mask> compute(Known& known, ConfigId config);
  Status add_group(Known& known, const Group& group, TrieWalk& walk, Mask& mask);
  Result<const Mask*> part_of(Known& known, const Group& group, TrieWalk& walk);
  Mask empty_mask() const { return {std::vector<uint32_t>(trie->n_words() + 1), {}, 0}; }

  std::shared_ptr<const TokenTrie> trie;
  MaskOptions options;
  MaskCache cache;
  std::list<Known> grammars;  // the last used first
  uint64_t n_tables = 0;
  MaskStats stats;
};

size_t TokenMasks::Impl::table_bytes() const {
  size_t bytes = 0;
  for (const Known& known : grammars) {
    bytes += known.table.memory_bytes() + known.automaton->memory_bytes();
  }
  return bytes;
}

// Half of the memory is for masks, the other for tables and automata.
TokenMasks::Impl::Known& TokenMasks::Impl::known_of(
    const std::shared_ptr<const Automaton>& automaton) {
  const auto found = std::find_if(grammars.begin(), grammars.end(),
                                  [&](const Known& known) { return known.automaton == automaton; });
  if (found == grammars.end()) {
    grammars.emplace_front(automaton, n_tables++);
  } else {
    grammars.splice(grammars.begin(), grammars, found);
  }
  const auto are_many = [this] {
    return grammars.size() > kMaxGrammars || table_bytes() > options.max_bytes / 2;
  };
  while (grammars.size() > 1 && are_many()) grammars.pop_back();
  if (grammars.front().table.memory_bytes() > options.max_bytes / 4) {
    grammars.pop_front();
    grammars.emplace_front(automaton, n_tables++);
  }
  return grammars.front();
}

std::vector<TokenMasks::Impl::Group> TokenMasks::Impl::groups_of(const Known& known,
                                                                 ConfigId config) const {
  const std::span<const Item> items = known.table.items(config);
  std::vector<Item> sorted(items.begin(), items.end());
  std::sort(sorted.begin(), sorted.end(), by_frame);
  std::vector<Group> groups;
  for (const Item& item : sorted) {
    if (groups.empty() || groups.back().frame != item.frame) groups.push_back({item.frame, {}});
    groups.back().items.push_back(item);
  }
  return groups;
}

// Null when there are too many exits. The mask of the group as if its frame were the bottom.
Result<const Mask*> TokenMasks::Impl::part_of(Known& known, const Group& group, TrieWalk& walk) {
  std::vector<Item> items = group.items;
  for (Item& item : items) item.frame = kBottom;
  const ConfigId config = known.table.intern(items, false);
  const MaskKey key{known.number, config, true};
  const Mask* part = cache.find(key);
  if (part == nullptr) {
    ++stats.n_parts;
    Mask mask = empty_mask();
    SAMOVAR_TRY(walk.fill_part(config, mask));
    if (mask.exits.size() > kMaxExits) mask = {{}, {}, kUnusable};
    part = &cache.insert(key, std::move(mask));
  }
  const uint64_t depth = known.table.frames()[group.frame].depth;
  const bool fits = depth + part->deepest <= known.automaton->max_stack;
  return fits ? part : nullptr;
}

Status TokenMasks::Impl::add_group(Known& known, const Group& group, TrieWalk& walk, Mask& mask) {
  const Mask* part = nullptr;
  if (group.frame != kBottom) {
    SAMOVAR_ASSIGN(part, part_of(known, group, walk));
  }
  if (part == nullptr) {
    ++stats.n_parts;
    return walk.add_tokens(0, known.table.intern(group.items, false), mask);
  }
  for (size_t i = 0; i < mask.words.size(); ++i) mask.words[i] |= part->words[i];
  if (part->exits.empty()) return {};
  const ConfigId below = known.table.pop(group.frame);
  for (const uint32_t node : part->exits) SAMOVAR_TRY(walk.add_tokens(node, below, mask));
  return {};
}

Result<Mask> TokenMasks::Impl::compute(Known& known, ConfigId config) {
  Mask mask = empty_mask();
  TrieWalk walk(*trie, known.table,
                {options.max_work, known.table.memory_bytes() + kMaxTableGrowth});
  const std::vector<Group> groups = groups_of(known, config);
  if (groups.size() > kMaxGroups) {
    ++stats.n_parts;
    SAMOVAR_TRY(walk.add_tokens(0, config, mask));
  } else {
    for (const Group& group : groups) SAMOVAR_TRY(add_group(known, group, walk, mask));
  }
  for (const TokenTrie::Twin& twin : trie->twins()) {
    mask.words[twin.token / 32] |= (mask.words[twin.other / 32] >> (twin.other % 32) & 1)
                                   << (twin.token % 32);
  }
  if (known.table.can_end(config)) {
    for (const TokenId t : trie->end_tokens()) mask.words[t / 32] |= uint32_t{1} << (t % 32);
  }
  return mask;
}

TokenMasks::TokenMasks(std::shared_ptr<const TokenTrie> trie, const MaskOptions& options)
    : impl_(std::make_unique<Impl>(std::move(trie), options)) {}
TokenMasks::TokenMasks(TokenMasks&&) noexcept = default;
TokenMasks& TokenMasks::operator=(TokenMasks&&) noexcept = default;
TokenMasks::~TokenMasks() = default;

Result<std::span<const uint32_t>> TokenMasks::allowed(const Matcher& matcher) {
  Impl::Known& known = impl_->known_of(matcher.automaton());
  const ConfigId config = known.table.adopt(matcher.frames(), matcher.items(), matcher.can_end(),
                                            static_cast<uint32_t>(impl_->trie->max_depth()));
  const MaskKey key{known.number, config, false};
  const Mask* mask = impl_->cache.find(key);
  if (mask != nullptr) {
    ++impl_->stats.n_found;
  } else {
    ++impl_->stats.n_computed;
    SAMOVAR_ASSIGN(Mask computed, impl_->compute(known, config));
    mask = &impl_->cache.insert(key, std::move(computed));
  }
  return std::span(mask->words).first(impl_->trie->n_words());
}

MaskStats TokenMasks::stats() const {
  MaskStats stats = impl_->stats;
  stats.memory_bytes = impl_->cache.memory_bytes() + impl_->table_bytes();
  return stats;
}

}  // namespace samovar::grammar
