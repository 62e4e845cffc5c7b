#include "grammar/inline_rules.h"

#include <algorithm>
#include <cstdint>

namespace samovar::grammar {
namespace {

// States, about: "[^\"\\]" needs eight, a JSON character with its escapes 15.
constexpr uint32_t kMaxSize = 16;
constexpr uint32_t kTooBig = kMaxSize + 1;
constexpr int kRounds = 4;  // rules that call inlined rules, and so on

// Leaves of the tree below `root`, copies counted; kTooBig when more, or when a rule is called that
// is not inlined.
class SizeOf {
 public:
  SizeOf(const Syntax& syntax, const std::vector<uint32_t>& rule_sizes)
      : syntax_(syntax), rule_sizes_(rule_sizes) {}

  uint32_t operator()(NodeId root) {
    open_.assign({{root, 1}});
    uint64_t size = 0;
    // Every step adds to the size or opens a level: the work is bounded too.
    for (uint32_t n_steps = 0; !open_.empty(); ++n_steps) {
      if (size > kMaxSize || n_steps > 8 * kMaxSize) return kTooBig;
      const auto [id, copies] = open_.back();
      open_.pop_back();
      size += visit(syntax_.node(id), copies);
    }
    return static_cast<uint32_t>(std::min<uint64_t>(size, kTooBig));
  }

 private:
  struct Open {
    NodeId node;
    uint64_t copies;
  };

  uint64_t visit(const Node& node, uint64_t copies) {
    switch (node.kind) {
      case NodeKind::kLiteral:
        return copies * node.count;
      case NodeKind::kClass:
        return copies * (syntax_.set(node).contains(0x80) ? 8 : 1);
      case NodeKind::kCall:
        return copies * rule_sizes_[node.first];
      case NodeKind::kRepeat:
        copies *= std::max<uint64_t>(node.max == kUnbounded ? node.min : node.max, 1);
        break;
      case NodeKind::kSequence:
      case NodeKind::kChoice:
        break;
    }
    if (copies > kMaxSize || node.count > kMaxSize) return kTooBig;
    for (const NodeId child : syntax_.children(node)) open_.push_back({child, copies});
    return 0;
  }

  const Syntax& syntax_;
  const std::vector<uint32_t>& rule_sizes_;
  std::vector<Open> open_;
};

}  // namespace

std::vector<char> find_inlined_rules(const Syntax& syntax, RuleId root) {
  std::vector<uint32_t> sizes(syntax.n_rules(), kTooBig);
  SizeOf size_of(syntax, sizes);
  for (int round = 0; round < kRounds; ++round) {
    for (RuleId rule = 0; rule < syntax.n_rules(); ++rule) {
      if (rule != root && sizes[rule] == kTooBig) sizes[rule] = size_of(syntax.rule(rule).body);
    }
  }
  std::vector<char> is_inlined(syntax.n_rules());
  for (RuleId rule = 0; rule < syntax.n_rules(); ++rule) is_inlined[rule] = sizes[rule] < kTooBig;
  return is_inlined;
}

}  // namespace samovar::grammar
