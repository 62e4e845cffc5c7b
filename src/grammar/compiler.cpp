#include "grammar/compiler.h"

#include "grammar/inline_rules.h"
#include "grammar/network.h"
#include "grammar/utf8_sequences.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

// Of what may be counted: more than so many times, and a call of a rule is less.
constexpr uint64_t kMaxCopies = 16;

static_assert(kUnbounded == kNoMaximum);

// A part of the tree that is to connect two states.
struct Task {
  NodeId node;
  StateId from, to;
  uint64_t repetition;  // product of the repetitions around it
};

// Thompson's construction, with a list of tasks in place of recursion.
class Compiler {
 public:
  Compiler(const Syntax& syntax, const Limits& limits, Deadline& deadline)
      : syntax_(syntax), limits_(limits), deadline_(deadline) {}
  Result<Network> run(RuleId root);

 private:
  StateId new_state() { return network_.n_states++; }
  void add_move(StateId from, StateId to) { network_.edges.push_back({from, to}); }
  void add_bytes(StateId from, StateId to, ByteRange bytes) {
    network_.edges.push_back({from, to, kNoState, bytes.first, bytes.last});
  }
  size_t new_network_rule(std::string name, NodeId body);
  size_t network_rule(RuleId rule);
  size_t network_body(NodeId node);
  Status drain_tasks();
  Status check_size() const;
  Status build(const Task& task);
  void build_literal(std::string_view bytes, StateId from, StateId to);
  void build_class(NodeId node, StateId from, StateId to);
  void build_sequence(const Task& task, std::span<const NodeId> children);
  void build_call(const Task& task, RuleId rule);
  Status build_repeat(const Task& task, const Node& node);
  Status build_count(const Task& task, const Node& node);

  const Syntax& syntax_;
  const Limits& limits_;
  Deadline& deadline_;
  std::vector<char> is_inlined_;  // [n_rules]
  Network network_;
  std::vector<NodeId> bodies_;                                       // [network_.rules.size()]
  std::unordered_map<RuleId, size_t> rule_of_;                       // into network_.rules
  std::unordered_map<NodeId, size_t> rule_of_body_;                  // of what is counted
  uint64_t n_counted_ = 0;                                           // states of counts
  std::unordered_map<NodeId, std::vector<Utf8Sequence>> sequences_;  // of classes
  std::vector<Task> tasks_;
};

size_t Compiler::new_network_rule(std::string name, NodeId body) {
  const StateId start = new_state();
  const StateId final = new_state();
  network_.rules.push_back({std::move(name), start, final});
  bodies_.push_back(body);
  return bodies_.size() - 1;
}

size_t Compiler::network_rule(RuleId rule) {
  const auto [entry, is_new] = rule_of_.try_emplace(rule, bodies_.size());
  if (is_new) new_network_rule(syntax_.rule(rule).name, syntax_.rule(rule).body);
  return entry->second;
}

// A rule for what is counted: one for all counts of one node.
size_t Compiler::network_body(NodeId node) {
  const Node& content = syntax_.node(node);
  if (content.kind == NodeKind::kCall && is_inlined_[content.first] == 0) {
    return network_rule(content.first);
  }
  const auto [entry, is_new] = rule_of_body_.try_emplace(node, bodies_.size());
  if (is_new) new_network_rule("repeated", node);
  return entry->second;
}

Status Compiler::check_size() const {
  if (network_.n_states <= limits_.max_states && network_.edges.size() <= limits_.max_edges &&
      tasks_.size() <= limits_.max_edges) {
    return {};
  }
  return invalid_argument(fmt::format("grammar: needs more than {} states or {} edges",
                                      limits_.max_states, limits_.max_edges));
}

void Compiler::build_literal(std::string_view bytes, StateId from, StateId to) {
  if (bytes.empty()) return add_move(from, to);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const StateId next = i + 1 == bytes.size() ? to : new_state();
    const auto byte = static_cast<uint8_t>(bytes[i]);
    add_bytes(from, next, {byte, byte});
    from = next;
  }
}

// Equal tails of sequences share their states.
void Compiler::build_class(NodeId node, StateId from, StateId to) {
  const auto [entry, is_new] = sequences_.try_emplace(node);
  if (is_new) entry->second = utf8_sequences(syntax_.set(syntax_.node(node)));
  std::map<std::tuple<uint8_t, uint8_t, StateId>, StateId> tails;  // by bytes and where they lead
  for (const Utf8Sequence& sequence : entry->second) {
    StateId next = to;
    for (size_t i = sequence.n_bytes - 1; i > 0; --i) {
      const ByteRange bytes = sequence.ranges[i];
      const auto [tail, is_new_tail] = tails.try_emplace({bytes.first, bytes.last, next});
      if (is_new_tail) {
        tail->second = new_state();
        add_bytes(tail->second, next, bytes);
      }
      next = tail->second;
    }
    add_bytes(from, next, sequence.ranges[0]);
  }
}

void Compiler::build_sequence(const Task& task, std::span<const NodeId> children) {
  if (children.empty()) return add_move(task.from, task.to);
  StateId from = task.from;
  for (size_t i = 0; i < children.size(); ++i) {
    const StateId to = i + 1 == children.size() ? task.to : new_state();
    tasks_.push_back({children[i], from, to, task.repetition});
    from = to;
  }
}

void Compiler::build_call(const Task& task, RuleId rule) {
  if (is_inlined_[rule] != 0) {
    tasks_.push_back({syntax_.rule(rule).body, task.from, task.to, task.repetition});
    return;
  }
  const size_t callee = network_rule(rule);
  network_.edges.push_back({task.from, task.to, network_.rules[callee].start});
}

// Calls of one rule: two states, whatever the bounds are.
Status Compiler::build_count(const Task& task, const Node& node) {
  const size_t rule = network_body(syntax_.children(node)[0]);
  const StateId start = network_.rules[rule].start;
  const StateId loop = new_state();
  const StateId entry = node.min == 0 ? loop : new_state();
  add_move(task.from, entry);
  if (entry != loop) network_.edges.push_back({entry, loop, start});
  network_.edges.push_back({loop, loop, start});
  add_move(loop, task.to);
  network_.counted.push_back({entry, loop, start, task.to, node.min, node.max});
  n_counted_ += network_.counted.back().n_states();
  if (n_counted_ <= limits_.max_counted) return {};
  return invalid_argument(
      fmt::format("grammar: repetitions count to more than {}", limits_.max_counted));
}

Status Compiler::build_repeat(const Task& task, const Node& node) {
  const NodeId child = syntax_.children(node)[0];
  const bool is_endless = node.max == kUnbounded;
  const uint64_t n_copies = std::max<uint64_t>(is_endless ? node.min : node.max, 1);
  if (node.is_counted && n_copies > kMaxCopies) return build_count(task, node);
  const uint64_t repetition = task.repetition * n_copies;
  if (repetition > limits_.max_repetition) {
    return invalid_argument(
        fmt::format("grammar: nested repetitions make {} copies, at most {} are allowed",
                    repetition, limits_.max_repetition));
  }
  if (node.max == 0) {
    add_move(task.from, task.to);
    return {};
  }
  StateId from = task.from;
  for (uint64_t i = 0; i < n_copies; ++i) {
    const bool is_last = i + 1 == n_copies;
    if (is_last && is_endless) {  // loops on its own state: others may begin at `from`
      const StateId loop = new_state();
      const StateId end = node.min == 0 ? loop : new_state();
      add_move(from, loop);
      tasks_.push_back({child, loop, end, repetition});
      if (end != loop) add_move(end, loop);
      add_move(end, task.to);
      break;
    }
    if (i >= node.min) add_move(from, task.to);
    const StateId to = is_last ? task.to : new_state();
    tasks_.push_back({child, from, to, repetition});
    from = to;
    if (network_.n_states > limits_.max_states) break;
  }
  return {};
}

Status Compiler::build(const Task& task) {
  const Node& node = syntax_.node(task.node);
  switch (node.kind) {
    case NodeKind::kLiteral:
      build_literal(syntax_.bytes(node), task.from, task.to);
      return {};
    case NodeKind::kClass:
      build_class(task.node, task.from, task.to);
      return {};
    case NodeKind::kSequence:
      build_sequence(task, syntax_.children(node));
      return {};
    case NodeKind::kChoice:
      for (const NodeId child : syntax_.children(node)) {
        tasks_.push_back({child, task.from, task.to, task.repetition});
      }
      return {};
    case NodeKind::kRepeat:
      return build_repeat(task, node);
    case NodeKind::kCall:
      build_call(task, node.first);
      return {};
  }
  return {};
}

Status Compiler::drain_tasks() {
  while (!tasks_.empty()) {
    const Task task = tasks_.back();
    tasks_.pop_back();
    const size_t n_before = network_.edges.size();
    SAMOVAR_TRY(build(task));
    SAMOVAR_TRY(deadline_.check(1 + (network_.edges.size() - n_before) / 8));
    SAMOVAR_TRY(check_size());
  }
  return {};
}

Result<Network> Compiler::run(RuleId root) {
  is_inlined_ = find_inlined_rules(syntax_, root);
  network_rule(root);
  for (size_t i = 0; i < network_.rules.size(); ++i) {
    const Network::Rule& rule = network_.rules[i];
    tasks_.push_back({bodies_[i], rule.start, rule.final, 1});
    SAMOVAR_TRY(drain_tasks());
  }
  return std::move(network_);
}

}  // namespace

Result<Automaton> compile(const Syntax& syntax, RuleId root, uint32_t max_stack,
                          const Limits& limits, Deadline& deadline) {
  SAMOVAR_ASSIGN(Network network, Compiler(syntax, limits, deadline).run(root));
  return finish(std::move(network), max_stack, deadline);
}

}  // namespace samovar::grammar
