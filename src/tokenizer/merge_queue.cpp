#include "tokenizer/merge_queue.h"

namespace samovar::tokenizer {

uint32_t MergeQueue::take_node(uint32_t position) {
  if (free_ == kNone) {
    nodes_.push_back({position, kNone});
    return static_cast<uint32_t>(nodes_.size() - 1);
  }
  const uint32_t node = free_;
  free_ = nodes_[node].next;
  nodes_[node] = {position, kNone};
  return node;
}

MergeQueue::Lane& MergeQueue::lane_of(uint32_t priority) {
  if (last_lane_ == kNone || lanes_[last_lane_].priority != priority) {
    const auto next = static_cast<uint32_t>(lanes_.size());
    const auto [found, is_new] = lane_index_.try_emplace(priority, next);
    if (is_new) lanes_.push_back({.priority = priority});
    last_lane_ = found->second;
  }
  return lanes_[last_lane_];
}

void MergeQueue::push(Entry entry) {
  Lane& lane = lane_of(entry.priority);
  if (lane.head == kNone) {
    lane.head = lane.tail = take_node(entry.position);
    filled_lanes_.emplace(entry.priority, static_cast<uint32_t>(&lane - lanes_.data()));
  } else if (entry.position >= nodes_[lane.tail].position) {
    const uint32_t node = take_node(entry.position);
    nodes_[lane.tail].next = node;
    lane.tail = node;
  } else {
    late_.push(entry);
  }
}

std::optional<MergeQueue::Entry> MergeQueue::pop() {
  if (filled_lanes_.empty() && late_.empty()) return std::nullopt;
  if (!filled_lanes_.empty()) {
    Lane& lane = lanes_[filled_lanes_.top().second];
    const uint32_t node = lane.head;
    const Entry entry{lane.priority, nodes_[node].position};
    if (late_.empty() || entry < late_.top()) {
      lane.head = nodes_[node].next;
      if (lane.head == kNone) filled_lanes_.pop();
      nodes_[node].next = free_;
      free_ = node;
      return entry;
    }
  }
  const Entry entry = late_.top();
  late_.pop();
  return entry;
}

}  // namespace samovar::tokenizer
