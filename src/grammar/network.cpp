#include "grammar/network.h"

#include "grammar/left_recursion.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_map>

namespace samovar::grammar {
namespace {

using Edge = Network::Edge;

// Numbers of edges by a key of each: edges_of(k) are those whose key is k.
class EdgeIndex {
 public:
  template <class Key>
  EdgeIndex(const std::vector<Edge>& edges, uint32_t n_keys, Key key) : begin_(n_keys + 2) {
    for (const Edge& edge : edges) {
      if (key(edge) != kNoState) ++begin_[key(edge) + 2];
    }
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    numbers_.resize(begin_.back());
    for (uint32_t i = 0; i < edges.size(); ++i) {
      if (key(edges[i]) != kNoState) numbers_[begin_[key(edges[i]) + 1]++] = i;
    }
  }
  std::span<const uint32_t> edges_of(StateId s) const {
    return std::span(numbers_).subspan(begin_[s], begin_[s + 1] - begin_[s]);
  }

 private:
  std::vector<uint32_t> begin_, numbers_;
};

// [n_states]: can the end of the state's rule be reached from it?
std::vector<char> find_productive(const Network& network) {
  const EdgeIndex by_target(network.edges, network.n_states, [](const Edge& e) { return e.to; });
  const EdgeIndex by_call(network.edges, network.n_states, [](const Edge& e) { return e.call; });
  std::vector<char> is_productive(network.n_states);
  std::vector<StateId> open;
  const auto mark = [&](StateId s) {
    if (is_productive[s] != 0) return;
    is_productive[s] = 1;
    open.push_back(s);
  };
  for (const Network::Rule& rule : network.rules) mark(rule.final);
  while (!open.empty()) {
    const StateId s = open.back();
    open.pop_back();
    for (const uint32_t i : by_target.edges_of(s)) {
      const Edge& edge = network.edges[i];
      if (!edge.is_call() || is_productive[edge.call] != 0) mark(edge.from);
    }
    for (const uint32_t i : by_call.edges_of(s)) {
      if (is_productive[network.edges[i].to] != 0) mark(network.edges[i].from);
    }
  }
  return is_productive;
}

void drop_dead_edges(Network& network, const std::vector<char>& is_productive) {
  std::erase_if(network.edges, [&](const Edge& edge) {
    return is_productive[edge.to] == 0 || (edge.is_call() && is_productive[edge.call] == 0);
  });
}

void number_byte_classes(Automaton& automaton) {
  std::array<bool, 257> begins{};
  for (const ByteEdge& edge : automaton.byte_edges) {
    begins[edge.first] = true;
    begins[edge.last + 1U] = true;
  }
  uint8_t number = 0;
  for (size_t byte = 0; byte < 256; ++byte) {
    if (byte > 0 && begins[byte]) ++number;
    automaton.byte_class[byte] = number;
  }
  automaton.n_classes = size_t{number} + 1;
}

// What stands in the automaton for the edges of a count's two states.
class CountArranger {
 public:
  CountArranger(const Network& network, Automaton& automaton)
      : automaton_(automaton), next_(network.n_states + 1) {
    for (const Network::Counted& counted : network.counted) {
      counted_[counted.entry] = &counted;
      if (counted.loop != counted.entry) counted_[counted.loop] = nullptr;
    }
  }
  // False: the state has its own edges, as others.
  bool take(StateId s, bool has_calls) {
    const auto found = counted_.find(s);
    if (found == counted_.end()) return false;
    if (found->second == nullptr) return true;
    if (!has_calls) return false;  // nothing matches the rule
    const Network::Counted& counted = *found->second;
    automaton_.jumps.push_back({next_, kNoState});
    automaton_.counts.push_back({next_, counted.min, counted.max, counted.rule, counted.to});
    next_ += static_cast<StateId>(counted.n_states());
    return true;
  }

 private:
  Automaton& automaton_;
  StateId next_;
  std::unordered_map<StateId, const Network::Counted*> counted_;  // null: the loop
};

Automaton arrange(const Network& network) {
  Automaton automaton;
  automaton.states.resize(size_t{network.n_states} + 1);
  const EdgeIndex by_source(network.edges, network.n_states, [](const Edge& e) { return e.from; });
  CountArranger counts(network, automaton);
  for (StateId s = 0; s <= network.n_states; ++s) {
    automaton.states[s].first_byte_edge = static_cast<uint32_t>(automaton.byte_edges.size());
    automaton.states[s].first_jump = static_cast<uint32_t>(automaton.jumps.size());
    if (s == network.n_states) break;
    const bool has_calls = std::any_of(by_source.edges_of(s).begin(), by_source.edges_of(s).end(),
                                       [&](uint32_t i) { return network.edges[i].is_call(); });
    if (counts.take(s, has_calls)) continue;
    for (const uint32_t i : by_source.edges_of(s)) {
      const Edge& edge = network.edges[i];
      if (edge.reads()) {
        automaton.byte_edges.push_back({edge.first, edge.last, edge.to});
      } else {
        automaton.jumps.push_back({edge.to, edge.call});
      }
    }
  }
  for (const Network::Rule& rule : network.rules) {
    State& state = automaton.states[rule.final];
    const State& next = automaton.states[rule.final + 1];
    state.is_final = 1;
    state.is_tail =
        state.first_byte_edge == next.first_byte_edge && state.first_jump == next.first_jump;
  }
  automaton.start = network.rules.front().start;
  number_byte_classes(automaton);
  return automaton;
}

}  // namespace

Result<Automaton> finish(Network network, uint32_t max_stack, Deadline& deadline) {
  SAMOVAR_TRY(deadline.check(network.edges.size()));
  const std::vector<char> is_productive = find_productive(network);
  const Network::Rule& root = network.rules.front();
  if (is_productive[root.start] == 0) {
    SAMOVAR_TRY(check_left_recursion(network));
    return invalid_argument(std::string(kNothingMatches) + root.name);
  }
  drop_dead_edges(network, is_productive);
  SAMOVAR_TRY(deadline.check(network.edges.size()));
  SAMOVAR_TRY(check_left_recursion(network));
  SAMOVAR_TRY(deadline.check(network.edges.size()));
  Automaton automaton = arrange(network);
  automaton.max_stack = max_stack;
  return automaton;
}

}  // namespace samovar::grammar
