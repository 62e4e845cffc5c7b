// Matcher: how far a text has come in a grammar, byte by byte.
//
// A text that the grammar does not allow makes it dead: a state, never a failure. Copies are
// independent and cheap (a few hundred bytes to a few KiB): keep one to go back. Thread: one; the
// grammar behind it may be shared.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grammar/automaton.h"
#include "grammar/frame_table.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace samovar::grammar {

class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const Automaton> automaton);

  // Goes on by any bytes, whole characters or not. False, and dead, when no text of the grammar
  // begins so. Empty bytes change nothing.
  bool accept(std::string_view bytes);

  // True when what was accepted is a whole text of the grammar.
  bool can_end() const { return can_end_; }
  // True when nothing may follow.
  bool must_end() const { return can_end_ && items_.empty(); }
  bool is_dead() const { return !can_end_ && items_.empty(); }

  // For TokenMasks. Ascending; every state of them reads bytes.
  std::span<const Item> items() const { return items_; }
  const FrameTable& frames() const { return frames_; }
  const std::shared_ptr<const Automaton>& automaton() const { return automaton_; }

 private:
  void drop_unused_frames();

  std::shared_ptr<const Automaton> automaton_;
  FrameTable frames_;
  std::vector<Item> items_;
  bool can_end_ = false;
};

}  // namespace samovar::grammar
