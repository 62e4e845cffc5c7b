#include "grammar/configuration_table.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace samovar::grammar {
namespace {

constexpr size_t kFirstConfigurationSlots = 64;  // a power of two

}  // namespace

ConfigurationTable::ConfigurationTable(std::shared_ptr<const Automaton> automaton)
    : automaton_(std::move(automaton)),
      byte_class_(automaton_->byte_class),
      row_bits_(std::countr_zero(std::bit_ceil(automaton_->n_classes))),
      closure_(*automaton_, frames_),
      slots_(kFirstConfigurationSlots, kUnknown) {
  intern({}, false);
  std::fill(steps_.begin(), steps_.end(), kDeadConfig);
}

size_t ConfigurationTable::hash(std::span<const Item> items, bool can_end) const {
  uint64_t h = can_end ? 1 : 2;
  for (const Item& item : items) {
    h = (h ^ (uint64_t{item.state} << 32 | item.frame)) * 0x9E3779B97F4A7C15;
    h ^= h >> 29;
  }
  return static_cast<size_t>(h);
}

ConfigId ConfigurationTable::intern(std::span<const Item> wanted, bool can_end, uint32_t deepest) {
  const size_t mask = slots_.size() - 1;
  size_t slot = hash(wanted, can_end) & mask;
  for (; slots_[slot] != kUnknown; slot = (slot + 1) & mask) {
    const ConfigId id = slots_[slot];
    const std::span<const Item> found = items(id);
    if (configs_[id].can_end != can_end || found.size() != wanted.size()) continue;
    if (!std::equal(found.begin(), found.end(), wanted.begin())) continue;
    configs_[id].deepest = std::max(configs_[id].deepest, deepest);
    return id;
  }
  const auto id = static_cast<ConfigId>(configs_.size());
  slots_[slot] = id;
  const auto first_item = static_cast<uint32_t>(items_.size());
  configs_.push_back({first_item, static_cast<uint32_t>(wanted.size()), deepest, can_end});
  items_.insert(items_.end(), wanted.begin(), wanted.end());
  steps_.resize(steps_.size() + (size_t{1} << row_bits_), kUnknown);
  if (configs_.size() * 2 > slots_.size()) grow();
  return id;
}

void ConfigurationTable::grow() {
  slots_.assign(slots_.size() * 2, kUnknown);
  const size_t mask = slots_.size() - 1;
  for (ConfigId id = 0; id < configs_.size(); ++id) {
    size_t slot = hash(items(id), configs_[id].can_end) & mask;
    while (slots_[slot] != kUnknown) slot = (slot + 1) & mask;
    slots_[slot] = id;
  }
}

ConfigId ConfigurationTable::adopt(const FrameTable& frames, std::span<const Item> items,
                                   bool can_end, uint32_t n_bytes) {
  std::vector<Item> adopted;
  FrameId last = kBottom, last_adopted = kBottom;
  for (const Item& item : items) {
    if (item.frame != last) {
      last = item.frame;
      last_adopted = frames_.adopt_far(frames, item.frame, *automaton_, n_bytes);
    }
    adopted.push_back({item.state, last_adopted});
  }
  std::sort(adopted.begin(), adopted.end());
  adopted.erase(std::unique(adopted.begin(), adopted.end()), adopted.end());
  return intern(adopted, can_end);
}

ConfigId ConfigurationTable::pop(FrameId frame) {
  const Frame top = frames_[frame];
  closure_.clear();
  closure_.add({top.back, top.below});
  const std::vector<Item>& reached = closure_.items();
  return intern(reached, closure_.can_end(), closure_.deepest());
}

void ConfigurationTable::set_budget(uint64_t n_visits, size_t max_bytes) {
  last_visit_ = closure_.n_visits() + n_visits;
  max_bytes_ = max_bytes;
  is_exhausted_ = false;
}

ConfigId ConfigurationTable::find_step(ConfigId from, uint8_t byte, size_t at) {
  if (closure_.n_visits() > last_visit_ || memory_bytes() > max_bytes_) {
    is_exhausted_ = true;
    return kDeadConfig;
  }
  closure_.clear();
  closure_.add_step(items(from), byte);
  const std::vector<Item>& reached = closure_.items();
  const ConfigId to = intern(reached, closure_.can_end(), closure_.deepest());
  steps_[at] = to;
  return to;
}

size_t ConfigurationTable::memory_bytes() const {
  return configs_.capacity() * sizeof(Config) + items_.capacity() * sizeof(Item) +
         (steps_.capacity() + slots_.capacity()) * sizeof(ConfigId) + frames_.memory_bytes();
}

}  // namespace samovar::grammar
