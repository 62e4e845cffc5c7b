// Network: the automaton while it is built, edges in any order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/automaton.h"
#include "grammar/limits.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::grammar {

struct Network {
  struct Edge {
    StateId from, to;
    StateId call = kNoState;      // the start of the rule called
    uint8_t first = 1, last = 0;  // bytes; first > last: none are read
    bool reads() const { return first <= last; }
    bool is_call() const { return call != kNoState; }
  };
  struct Rule {
    std::string name;
    StateId start, final;
  };

  // A rule called `min` to `max` times between `entry` and `to`. The edges say which ways there are
  // (entry -> rule -> loop -> rule -> loop ... -> to), the bounds how often.
  struct Counted {
    StateId entry, loop;  // one state where min is 0
    StateId rule, to;
    uint32_t min, max;  // max may be kNoMaximum
    uint64_t n_states() const { return uint64_t{max == kNoMaximum ? min : max} + 1; }
  };

  uint32_t n_states = 0;
  std::vector<Edge> edges;
  std::vector<Rule> rules;  // the first is the root
  std::vector<Counted> counted;
};

// How the message begins when nothing matches the root.
inline constexpr std::string_view kNothingMatches = "grammar: no text can ever complete the rule ";

// Checks and finishes a network. kInvalidArgument: left recursion, a root that nothing matches.
Result<Automaton> finish(Network network, uint32_t max_stack, Deadline& deadline);

}  // namespace samovar::grammar
