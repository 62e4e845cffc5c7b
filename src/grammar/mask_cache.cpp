#include "grammar/mask_cache.h"

#include <utility>

namespace samovar::grammar {
namespace {

constexpr size_t kEntryBytes = 160;  // of the list and the index, about

}  // namespace

size_t Mask::memory_bytes() const {
  return (words.capacity() + exits.capacity()) * sizeof(uint32_t) + kEntryBytes;
}

size_t MaskCache::Hash::operator()(const MaskKey& key) const {
  uint64_t h =
      (key.table << 33 ^ uint64_t{key.config} << 1 ^ uint64_t{key.is_part}) * 0x9E3779B97F4A7C15;
  return static_cast<size_t>(h ^ (h >> 32));
}

const Mask* MaskCache::find(const MaskKey& key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->mask;
}

const Mask& MaskCache::insert(const MaskKey& key, Mask mask) {
  if (const auto old = index_.find(key); old != index_.end()) {
    bytes_ -= old->second->mask.memory_bytes();
    entries_.erase(old->second);
    index_.erase(old);
  }
  mask.exits.shrink_to_fit();
  entries_.push_front({key, std::move(mask)});
  index_.emplace(key, entries_.begin());
  bytes_ += entries_.front().mask.memory_bytes();
  while (bytes_ > max_bytes_ && entries_.size() > 1) {
    bytes_ -= entries_.back().mask.memory_bytes();
    index_.erase(entries_.back().key);
    entries_.pop_back();
  }
  return entries_.front().mask;
}

}  // namespace samovar::grammar
