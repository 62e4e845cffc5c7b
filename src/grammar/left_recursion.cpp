#include "grammar/left_recursion.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

// What each rule can call before it has read anything. One walk over all rules at once; a call that
// may return without reading goes on behind it.
class FirstCalls {
 public:
  explicit FirstCalls(const Network& network);
  // [n_rules], numbers of rules.
  const std::vector<std::vector<uint32_t>>& calls() const { return calls_; }

 private:
  void walk(const Network& network);
  void reach(StateId state, uint32_t rule);

  std::vector<std::vector<uint32_t>>
      edges_;                   // [n_states], into the network's edges that read nothing
  std::vector<uint32_t> rule_;  // [n_states], 1 + the rule that reached it; 0: none
  std::unordered_map<StateId, uint32_t> rule_of_start_, rule_of_final_;
  std::vector<char> is_nullable_;  // [n_rules]
  // [n_rules], (caller, where its call returns to) while the rule is not known to be nullable
  std::vector<std::vector<std::pair<uint32_t, StateId>>> waiting_;
  std::vector<std::vector<uint32_t>> calls_;  // [n_rules]
  std::vector<StateId> open_;
};

FirstCalls::FirstCalls(const Network& network)
    : edges_(network.n_states),
      rule_(network.n_states),
      is_nullable_(network.rules.size()),
      waiting_(network.rules.size()),
      calls_(network.rules.size()) {
  for (uint32_t i = 0; i < network.edges.size(); ++i) {
    if (!network.edges[i].reads()) edges_[network.edges[i].from].push_back(i);
  }
  for (uint32_t rule = 0; rule < network.rules.size(); ++rule) {
    rule_of_start_.emplace(network.rules[rule].start, rule);
    rule_of_final_.emplace(network.rules[rule].final, rule);
  }
  for (uint32_t rule = 0; rule < network.rules.size(); ++rule) {
    reach(network.rules[rule].start, rule);
  }
  walk(network);
}

// A state belongs to one rule, so reaching it once is enough.
void FirstCalls::reach(StateId state, uint32_t rule) {
  if (rule_[state] != 0) return;
  rule_[state] = rule + 1;
  open_.push_back(state);
}

void FirstCalls::walk(const Network& network) {
  while (!open_.empty()) {
    const StateId state = open_.back();
    open_.pop_back();
    const uint32_t rule = rule_[state] - 1;
    if (const auto final = rule_of_final_.find(state); final != rule_of_final_.end()) {
      is_nullable_[final->second] = 1;
      for (const auto& [caller, back] : std::exchange(waiting_[final->second], {})) {
        reach(back, caller);
      }
    }
    for (const uint32_t i : edges_[state]) {
      const Network::Edge& edge = network.edges[i];
      if (!edge.is_call()) {
        reach(edge.to, rule);
        continue;
      }
      const uint32_t callee = rule_of_start_.at(edge.call);
      calls_[rule].push_back(callee);
      if (is_nullable_[callee] != 0) {
        reach(edge.to, rule);
      } else {
        waiting_[callee].emplace_back(rule, edge.to);
      }
    }
  }
}

// Depth first, with the path as a list. The first circle found, from a rule back to itself.
std::vector<uint32_t> find_circle(const std::vector<std::vector<uint32_t>>& calls) {
  enum : char { kNew, kOnPath, kDone };
  std::vector<char> mark(calls.size(), kNew);
  std::vector<std::pair<uint32_t, size_t>> path;  // rule, next of its calls
  for (uint32_t root = 0; root < calls.size(); ++root) {
    if (mark[root] != kNew) continue;
    path.assign({{root, 0}});
    mark[root] = kOnPath;
    while (!path.empty()) {
      auto& [rule, next] = path.back();
      if (next == calls[rule].size()) {
        mark[rule] = kDone;
        path.pop_back();
        continue;
      }
      const uint32_t callee = calls[rule][next++];
      if (mark[callee] == kOnPath) {
        std::vector<uint32_t> circle;
        for (const auto& step : path) circle.push_back(step.first);
        circle.erase(circle.begin(), std::find(circle.begin(), circle.end(), callee));
        circle.push_back(callee);
        return circle;
      }
      if (mark[callee] == kNew) {
        mark[callee] = kOnPath;
        path.emplace_back(callee, 0);
      }
    }
  }
  return {};
}

}  // namespace

Status check_left_recursion(const Network& network) {
  const std::vector<uint32_t> circle = find_circle(FirstCalls(network).calls());
  if (circle.empty()) return {};
  constexpr size_t kShown = 8;
  std::string names;
  for (size_t i = 0; i < std::min(circle.size(), kShown); ++i) {
    names += (i == 0 ? "" : " -> ") + network.rules[circle[i]].name;
  }
  if (circle.size() > kShown) names += " -> ...";
  return invalid_argument("grammar: left recursion: " + names);
}

}  // namespace samovar::grammar
