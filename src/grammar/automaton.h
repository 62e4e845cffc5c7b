// Automaton: a compiled grammar, a pushdown automaton over bytes.
//
// A state reads bytes of UTF-8, moves without reading, or calls a rule: the return state goes onto
// the stack and the rule's start takes over; a final state pops. Every state can reach the end of
// its rule, no rule calls itself before a byte was read. A long repetition is a Count: its states
// are numbers behind those of all other states, and nothing is stored for them. Thread: immutable,
// shared freely.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace samovar::grammar {

using StateId = uint32_t;

inline constexpr StateId kNoState = 0xFFFFFFFF;

struct ByteEdge {
  uint8_t first, last;  // both inside
  StateId to;
};

struct Jump {
  StateId to;    // where a call returns to
  StateId call;  // a rule's start; kNoState: only a move
};

struct State {
  uint32_t first_byte_edge, first_jump;
  uint16_t is_final;  // the end of a rule: pops
  uint16_t is_tail;   // final, and nothing else: a call that returns here needs no frame
};

// A rule `min` to `max` times. State `first` + n stands for n times done; it reads nothing itself.
struct Count {
  StateId first;
  uint32_t min, max;  // kNoMaximum: from `min` times on, one state stands for all
  StateId rule;       // its start
  StateId to;
};

inline constexpr uint32_t kNoMaximum = 0xFFFFFFFF;

struct Automaton {
  std::vector<State> states;  // [n_states + 1], the last one only ends the lists
  std::vector<ByteEdge> byte_edges;
  std::vector<Jump> jumps;
  std::vector<Count> counts;  // ascending
  StateId start = 0;

  // Bytes that no edge tells apart share a class.
  std::array<uint8_t, 256> byte_class{};
  size_t n_classes = 0;  // 1..256

  uint32_t max_stack = 0;  // frames; a call beyond is not taken

  std::span<const ByteEdge> byte_edges_of(StateId s) const {
    return std::span(byte_edges)
        .subspan(states[s].first_byte_edge,
                 states[s + 1].first_byte_edge - states[s].first_byte_edge);
  }
  std::span<const Jump> jumps_of(StateId s) const {
    return std::span(jumps).subspan(states[s].first_jump,
                                    states[s + 1].first_jump - states[s].first_jump);
  }
  bool is_counting(StateId s) const { return s >= states.size(); }
  // REQUIRES: is_counting(s).
  const Count& count_of(StateId s) const;
  // A state that no text of up to `n_bytes` bytes tells apart from `s`, and the same one for all of
  // a count's states that are further than that from its bounds.
  StateId far_from_bounds(StateId s, uint32_t n_bytes) const;
  bool reads(StateId s) const { return states[s].first_byte_edge != states[s + 1].first_byte_edge; }
  size_t memory_bytes() const;
};

}  // namespace samovar::grammar
