#include "grammar/frame_table.h"

namespace samovar::grammar {
namespace {

constexpr size_t kFirstFrameSlots = 16;  // a power of two

size_t hash(StateId back, FrameId below) {
  uint64_t h = (uint64_t{back} << 32 | below) * 0x9E3779B97F4A7C15;
  return static_cast<size_t>(h ^ (h >> 29));
}

}  // namespace

FrameTable::FrameTable() : frames_{{kNoState, kBottom, 0}}, slots_(kFirstFrameSlots, kBottom) {}

FrameId FrameTable::push(StateId back, FrameId below) {
  const size_t mask = slots_.size() - 1;
  size_t slot = hash(back, below) & mask;
  for (; slots_[slot] != kBottom; slot = (slot + 1) & mask) {
    const Frame& frame = frames_[slots_[slot]];
    if (frame.back == back && frame.below == below) return slots_[slot];
  }
  const auto id = static_cast<FrameId>(frames_.size());
  frames_.push_back({back, below, frames_[below].depth + 1});
  slots_[slot] = id;
  if (frames_.size() * 2 > slots_.size()) grow();
  return id;
}

void FrameTable::grow() {
  slots_.assign(slots_.size() * 2, kBottom);
  const size_t mask = slots_.size() - 1;
  for (FrameId id = 1; id < frames_.size(); ++id) {
    size_t slot = hash(frames_[id].back, frames_[id].below) & mask;
    while (slots_[slot] != kBottom) slot = (slot + 1) & mask;
    slots_[slot] = id;
  }
}

// The top first.
std::vector<StateId> FrameTable::backs_of(FrameId id) const {
  std::vector<StateId> backs;
  for (; id != kBottom; id = frames_[id].below) backs.push_back(frames_[id].back);
  return backs;
}

FrameId FrameTable::push_all(const std::vector<StateId>& backs) {
  FrameId top = kBottom;
  for (size_t i = backs.size(); i > 0; --i) top = push(backs[i - 1], top);
  return top;
}

FrameId FrameTable::adopt(const FrameTable& other, FrameId id) {
  return push_all(other.backs_of(id));
}

FrameId FrameTable::adopt_far(const FrameTable& other, FrameId id, const Automaton& automaton,
                              uint32_t n_bytes) {
  std::vector<StateId> backs = other.backs_of(id);
  for (StateId& back : backs) back = automaton.far_from_bounds(back, n_bytes);
  return push_all(backs);
}

size_t FrameTable::memory_bytes() const {
  return frames_.capacity() * sizeof(Frame) + slots_.capacity() * sizeof(FrameId);
}

}  // namespace samovar::grammar
