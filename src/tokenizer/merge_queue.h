// MergeQueue: possible merges of one long word, by priority, then by position.
//
// A binary heap over millions of entries misses the cache at each step. But merges of one priority
// come in the order of their positions nearly always, so each priority has a first-in-first-out
// lane and only the lanes are in a heap; the few entries out of order wait in a heap of their own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

namespace samovar::tokenizer {

class MergeQueue {
 public:
  struct Entry {
    uint32_t priority;
    uint32_t position;
    auto operator<=>(const Entry&) const = default;
  };

  // `expected`: about how many entries will wait at once.
  explicit MergeQueue(size_t expected) { nodes_.reserve(expected); }

  void push(Entry entry);
  // The smallest entry, or nothing when there is none left.
  std::optional<Entry> pop();

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Node {
    uint32_t position;
    uint32_t next;
  };
  struct Lane {
    uint32_t priority;
    uint32_t head = kNone;
    uint32_t tail = kNone;
  };
  template <class T>
  using MinHeap = std::priority_queue<T, std::vector<T>, std::greater<T>>;

  uint32_t take_node(uint32_t position);
  Lane& lane_of(uint32_t priority);

  std::vector<Node> nodes_;
  uint32_t free_ = kNone;  // head of the list of nodes not in use
  std::vector<Lane> lanes_;
  uint32_t last_lane_ = kNone;                         // most entries go where the one before went
  std::unordered_map<uint32_t, uint32_t> lane_index_;  // by priority
  MinHeap<std::pair<uint32_t, uint32_t>> filled_lanes_;  // (priority, lane) of lanes with entries
  MinHeap<Entry> late_;                                  // entries that came out of order
};

}  // namespace samovar::tokenizer
