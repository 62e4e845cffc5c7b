// Closure: all configurations that an automaton reaches without reading a byte.
//
// Fills a list of items that read bytes; those that only move, call or pop are followed. Thread:
// one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grammar/automaton.h"
#include "grammar/frame_table.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace samovar::grammar {

class Closure {
 public:
  // BORROWS both.
  Closure(const Automaton& automaton, FrameTable& frames);

  void clear();
  void add(Item item);
  // Adds where `items` come by reading `byte`.
  void add_step(std::span<const Item> items, uint8_t byte);

  // Ascending, each once. An overflow leaves none.
  const std::vector<Item>& items();
  bool can_end() const { return can_end_; }  // the bottom was popped
  // The deepest stack on the way; over max_stack when a call was not taken for that.
  uint32_t deepest() const { return deepest_; }
  // Items looked at since construction, those with many edges counted for more.
  uint64_t n_visits() const { return n_visits_; }

 private:
  // More than this many at once, and the grammar counts as hopelessly ambiguous.
  static constexpr size_t kMaxItems = 16'384;
  static constexpr uint64_t kMaxStepVisits = 1'000'000;

  bool mark(Item item);
  void open(Item item);
  void grow();
  void follow(Item item);
  void follow_count(Item item);
  void call(StateId rule, StateId back, FrameId frame);

  const Automaton& automaton_;
  FrameTable& frames_;
  std::vector<Item> items_;
  std::vector<Item> open_;
  std::vector<uint64_t> seen_;    // open addressing: item
  std::vector<uint32_t> stamps_;  // a slot is in use when its stamp is stamp_
  uint32_t stamp_ = 1;
  size_t n_seen_ = 0;
  bool can_end_ = false;
  uint32_t deepest_ = 0;
  uint64_t n_visits_ = 0;
};

}  // namespace samovar::grammar
