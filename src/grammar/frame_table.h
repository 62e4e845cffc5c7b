// FrameTable: the stacks of an automaton, as frames that know the frame below.
//
// Equal stacks have equal numbers, and stacks share what they have in common: a configuration is a
// list of pairs of numbers. Frames are only added. Thread: one; a copy is deep and needs two
// allocations.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grammar/automaton.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace samovar::grammar {

using FrameId = uint32_t;

inline constexpr FrameId kBottom = 0;  // nothing below: a pop is the end of the text

struct Frame {
  StateId back;  // the state that a pop returns to
  FrameId below;
  uint32_t depth;  // frames from the bottom: 0 for kBottom
  bool operator==(const Frame&) const = default;
};

// A state and the stack below it.
struct Item {
  StateId state;
  FrameId frame;
  auto operator<=>(const Item&) const = default;
};

class FrameTable {
 public:
  FrameTable();

  FrameId push(StateId back, FrameId below);
  const Frame& operator[](FrameId id) const { return frames_[id]; }
  // The frame of this table that equals frame `id` of `other`.
  FrameId adopt(const FrameTable& other, FrameId id);
  // One that no text of up to `n_bytes` bytes tells apart from it; the same one for all such where
  // they differ in counts only.
  FrameId adopt_far(const FrameTable& other, FrameId id, const Automaton& automaton,
                    uint32_t n_bytes);
  size_t size() const { return frames_.size(); }
  size_t memory_bytes() const;

 private:
  void grow();
  FrameId push_all(const std::vector<StateId>& backs);
  std::vector<StateId> backs_of(FrameId id) const;

  std::vector<Frame> frames_;
  std::vector<FrameId> slots_;  // open addressing; kBottom: free
};

}  // namespace samovar::grammar
