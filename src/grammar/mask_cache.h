// MaskCache: the masks computed last, up to a number of bytes.
// Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grammar/configuration_table.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

namespace samovar::grammar {

// The tokens that one configuration allows.
struct Mask {
  std::vector<uint32_t> words;  // [n_words + 1], bit t % 32 of word t / 32 for token t
  // Of a part that ends at the bottom of its own stack: trie nodes where it is left, so that what
  // is below them depends on the frames below. Empty for a whole mask.
  std::vector<uint32_t> exits;
  uint32_t deepest = 0;  // frames that a token of it may push

  size_t memory_bytes() const;
};

struct MaskKey {
  uint64_t table;  // which ConfigurationTable the number is of
  ConfigId config;
  bool is_part;
  bool operator==(const MaskKey&) const = default;
};

class MaskCache {
 public:
  explicit MaskCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Null when there is none. Valid until the next insert().
  const Mask* find(const MaskKey& key);
  // Drops those not used for longest; never the new one. Valid until the next insert().
  const Mask& insert(const MaskKey& key, Mask mask);
  size_t memory_bytes() const { return bytes_; }

 private:
  struct Entry {
    MaskKey key;
    Mask mask;
  };
  struct Hash {
    size_t operator()(const MaskKey& key) const;
  };

  size_t max_bytes_;
  size_t bytes_ = 0;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<MaskKey, std::list<Entry>::iterator, Hash> index_;
};

}  // namespace samovar::grammar
