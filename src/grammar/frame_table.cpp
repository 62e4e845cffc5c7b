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

FrameId FrameTable::adopt(const FrameTable& other, FrameId id) {
  std::vector<StateId> backs;
  for (; id != kBottom; id = other[id].below) backs.push_back(other[id].back);
  FrameId adopted = kBottom;
  for (size_t i = backs.size(); i > 0; --i) adopted = push(backs[i - 1], adopted);
  return adopted;
}

size_t FrameTable::memory_bytes() const {
  return frames_.capacity() * sizeof(Frame) + slots_.capacity() * sizeof(FrameId);
}

}  // namespace samovar::grammar
