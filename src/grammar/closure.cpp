#include "grammar/closure.h"

#include <algorithm>

namespace samovar::grammar {
namespace {

constexpr size_t kFirstSeenSlots = 64;  // a power of two

uint64_t key(Item item) {
  return uint64_t{item.state} << 32 | item.frame;
}
size_t hash(uint64_t key) {
  const uint64_t h = key * 0x9E3779B97F4A7C15;
  return static_cast<size_t>(h ^ (h >> 31));
}

}  // namespace

Closure::Closure(const Automaton& automaton, FrameTable& frames)
    : automaton_(automaton), frames_(frames), seen_(kFirstSeenSlots), stamps_(kFirstSeenSlots) {}

void Closure::clear() {
  items_.clear();
  n_seen_ = 0;
  can_end_ = false;
  deepest_ = 0;
  if (++stamp_ != 0) return;
  std::fill(stamps_.begin(), stamps_.end(), 0);
  stamp_ = 1;
}

// False for an item seen before.
bool Closure::mark(Item item) {
  const uint64_t wanted = key(item);
  const size_t mask = seen_.size() - 1;
  size_t slot = hash(wanted) & mask;
  for (; stamps_[slot] == stamp_; slot = (slot + 1) & mask) {
    if (seen_[slot] == wanted) return false;
  }
  seen_[slot] = wanted;
  stamps_[slot] = stamp_;
  if (++n_seen_ * 2 > seen_.size()) grow();
  return true;
}

void Closure::grow() {
  std::vector<uint64_t> old = std::move(seen_);
  std::vector<uint32_t> old_stamps = std::move(stamps_);
  seen_.assign(old.size() * 2, 0);
  stamps_.assign(old.size() * 2, 0);
  const size_t mask = seen_.size() - 1;
  for (size_t i = 0; i < old.size(); ++i) {
    if (old_stamps[i] != stamp_) continue;
    size_t slot = hash(old[i]) & mask;
    while (stamps_[slot] == stamp_) slot = (slot + 1) & mask;
    seen_[slot] = old[i];
    stamps_[slot] = stamp_;
  }
}

void Closure::open(Item item) {
  if (n_seen_ <= kMaxItems && mark(item)) open_.push_back(item);
}

void Closure::call(StateId rule, StateId back, FrameId frame) {
  const uint32_t depth = frames_[frame].depth;
  deepest_ = std::max(deepest_, depth + 1);
  if (depth < automaton_.max_stack) open({rule, frames_.push(back, frame)});
}

void Closure::follow_count(Item item) {
  ++n_visits_;
  const Count& count = automaton_.count_of(item.state);
  const uint32_t n = item.state - count.first;
  if (n >= count.min) open({count.to, item.frame});
  if (n == count.max) return;
  const bool stays = count.max == kNoMaximum && n == count.min;
  call(count.rule, stays ? item.state : item.state + 1, item.frame);
}

void Closure::follow(Item item) {
  if (automaton_.is_counting(item.state)) return follow_count(item);
  n_visits_ += 1 + automaton_.jumps_of(item.state).size() / 8;
  const State& state = automaton_.states[item.state];
  if (automaton_.reads(item.state)) items_.push_back(item);
  if (state.is_final != 0) {
    const Frame frame = frames_[item.frame];
    item.frame == kBottom ? void(can_end_ = true) : open({frame.back, frame.below});
  }
  for (const Jump& jump : automaton_.jumps_of(item.state)) {
    if (jump.call == kNoState) {
      open({jump.to, item.frame});
    } else if (automaton_.states[jump.to].is_tail != 0) {
      open({jump.call, item.frame});
    } else {
      call(jump.call, jump.to, item.frame);
    }
  }
}

void Closure::add(Item item) {
  open(item);
  while (!open_.empty()) {
    const Item next = open_.back();
    open_.pop_back();
    follow(next);
  }
}

void Closure::add_step(std::span<const Item> items, uint8_t byte) {
  const uint64_t last_visit = n_visits_ + kMaxStepVisits;
  for (const Item& item : items) {
    const std::span<const ByteEdge> edges = automaton_.byte_edges_of(item.state);
    n_visits_ += 1 + edges.size() / 8;
    for (const ByteEdge& edge : edges) {
      if (byte >= edge.first && byte <= edge.last) add({edge.to, item.frame});
    }
    if (n_visits_ > last_visit) n_seen_ = kMaxItems + 1;
    if (n_seen_ > kMaxItems) return;
  }
}

const std::vector<Item>& Closure::items() {
  if (n_seen_ > kMaxItems) {
    items_.clear();
    can_end_ = false;
  }
  std::sort(items_.begin(), items_.end());
  return items_;
}

}  // namespace samovar::grammar
