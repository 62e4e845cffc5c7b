// ConfigurationTable: the configurations an automaton came to, numbered, with what each byte makes
// of them.
//
// A deterministic automaton that is built where it is walked: a step that was taken before is two
// loads. Configurations are only added; the owner drops the table when it has grown too much.
// Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grammar/automaton.h"
#include "grammar/closure.h"
#include "grammar/frame_table.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace samovar::grammar {

using ConfigId = uint32_t;

inline constexpr ConfigId kDeadConfig = 0;

class ConfigurationTable {
 public:
  explicit ConfigurationTable(std::shared_ptr<const Automaton> automaton);

  // The configuration with these items, whose frames are numbers of this table.
  ConfigId intern(std::span<const Item> items, bool can_end, uint32_t deepest = 0);
  // For frames of another table: one that takes the same texts of up to `n_bytes` bytes. Long
  // repetitions have few of them, whatever they have counted.
  ConfigId adopt(const FrameTable& frames, std::span<const Item> items, bool can_end,
                 uint32_t n_bytes);
  // Where a rule comes back to whose frame is popped. REQUIRES: frame != kBottom.
  ConfigId pop(FrameId frame);

  ConfigId step(ConfigId from, uint8_t byte) {
    const size_t at = (size_t{from} << row_bits_) + byte_class_[byte];
    const ConfigId to = steps_[at];
    return to != kUnknown ? to : find_step(from, byte, at);
  }

  // Valid until the next configuration is added.
  std::span<const Item> items(ConfigId id) const {
    return std::span(items_).subspan(configs_[id].first_item, configs_[id].n_items);
  }
  bool can_end(ConfigId id) const { return configs_[id].can_end; }
  // Of the stacks on the way to `id`, the deepest so far, over max_stack when one was cut.
  uint32_t deepest(ConfigId id) const { return configs_[id].deepest; }
  const FrameTable& frames() const { return frames_; }
  const Automaton& automaton() const { return *automaton_; }

  size_t memory_bytes() const;

  // From now on step() finds nothing new once it has looked at n_visits items or the table is
  // larger than max_bytes: it says kDeadConfig, keeps nothing, and is_exhausted() is true.
  void set_budget(uint64_t n_visits, size_t max_bytes);
  bool is_exhausted() const { return is_exhausted_; }
  uint64_t n_visits() const { return closure_.n_visits(); }  // since construction

 private:
  static constexpr ConfigId kUnknown = 0xFFFFFFFF;

  struct Config {
    uint32_t first_item, n_items;
    uint32_t deepest;
    bool can_end;
  };

  ConfigId find_step(ConfigId from, uint8_t byte, size_t at);
  size_t hash(std::span<const Item> items, bool can_end) const;
  void grow();

  std::shared_ptr<const Automaton> automaton_;
  std::array<uint8_t, 256> byte_class_;
  int row_bits_;  // a row of steps_ is a power of two
  FrameTable frames_;
  Closure closure_;
  std::vector<Config> configs_;
  std::vector<Item> items_;      // of all configurations
  std::vector<ConfigId> steps_;  // [n_configs, 1 << row_bits_]
  std::vector<ConfigId> slots_;  // open addressing; kUnknown: free
  uint64_t last_visit_ = UINT64_MAX;
  size_t max_bytes_ = SIZE_MAX;
  bool is_exhausted_ = false;
};

}  // namespace samovar::grammar
