#include "grammar/pattern.h"

#include "grammar/pattern_characters.h"
#include "grammar/repetition.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

// The whole pattern or a parenthesis, while it is read.
struct Group {
  size_t offset;
  std::vector<NodeId> alternatives;
  std::vector<NodeId> sequence;  // the alternative being read
};

class Parser {
 public:
  Parser(std::string_view pattern, Syntax& syntax, JsonRules& json, const Limits& limits,
         Deadline& deadline)
      : pattern_(pattern), syntax_(syntax), json_(json), limits_(limits), deadline_(deadline) {}
  Result<NodeId> run();

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
  }
  Status error(size_t at, std::string_view message) const {
    return pattern_error(pattern_, at, message);
  }
  bool is_top() const { return groups_.size() == 1; }
  std::vector<NodeId>& sequence() { return groups_.back().sequence; }

  Status parse_item();
  Status parse_anchor();
  Status add(Result<CodePointSet> set);
  Status open_group();
  Status close_group();
  Status parse_quantifier();
  Status read_bounds(uint32_t& min, uint32_t& max);
  Result<uint32_t> read_number();
  void end_alternative();
  NodeId finish_group();
  NodeId any_text() { return syntax_.repeat(json_.plain_character(), 0, kUnbounded); }

  std::string_view pattern_;
  Syntax& syntax_;
  JsonRules& json_;
  const Limits& limits_;
  Deadline& deadline_;
  size_t at_ = 0;
  std::vector<Group> groups_;
  bool can_repeat_ = false;                   // the last item takes a quantifier
  bool has_begin_ = false, has_end_ = false;  // "^" and "$" of the top alternative being read
};

Status Parser::add(Result<CodePointSet> set) {
  if (!set.ok()) return set.status();
  sequence().push_back(json_.character_of(*set));
  can_repeat_ = true;
  return {};
}

Status Parser::parse_item() {
  switch (peek()) {
    case '^':
    case '$':
      return parse_anchor();
    case '(':
      return open_group();
    case ')':
      return close_group();
    case '|':
      ++at_;
      end_alternative();
      return {};
    case '*':
    case '+':
    case '?':
    case '{':
      return parse_quantifier();
    case '.':
      ++at_;
      return add(pattern_dot());
    case '[':
      return add(read_pattern_class(pattern_, at_));
    case '\\':
      return add(read_pattern_escape(pattern_, at_));
    default:
      return add(read_pattern_literal(pattern_, at_));
  }
}

Status Parser::parse_anchor() {
  const bool is_begin = peek() == '^';
  const bool fits =
      is_begin ? sequence().empty() && !has_begin_ : at_ + 1 == pattern_.size() || peek(1) == '|';
  if (!is_top() || !fits) return error(at_, "'^' and '$' are supported at the ends only");
  (is_begin ? has_begin_ : has_end_) = true;
  can_repeat_ = false;
  ++at_;
  return {};
}

Status Parser::open_group() {
  if (groups_.size() > static_cast<size_t>(limits_.max_depth)) {
    return error(at_, fmt::format("parentheses nest deeper than {}", limits_.max_depth));
  }
  const size_t begin = at_++;
  if (peek() == '?') {
    const bool is_named = peek(1) == '<' && peek(2) != '=' && peek(2) != '!';
    const size_t name_end = is_named ? pattern_.find('>', at_) : std::string_view::npos;
    if (name_end != std::string_view::npos) {
      at_ = name_end + 1;
    } else if (peek(1) == ':') {
      at_ += 2;
    } else {
      return error(begin, "look-around is not supported");
    }
  }
  groups_.push_back({begin, {}, {}});
  can_repeat_ = false;
  return {};
}

Status Parser::close_group() {
  if (is_top()) return error(at_, "a ')' that closes nothing");
  ++at_;
  const NodeId group = finish_group();
  sequence().push_back(group);
  can_repeat_ = true;
  return {};
}

void Parser::end_alternative() {
  std::vector<NodeId> parts = std::exchange(sequence(), {});
  if (is_top()) {
    if (!has_begin_) parts.insert(parts.begin(), any_text());
    if (!has_end_) parts.push_back(any_text());
    has_begin_ = has_end_ = false;
  }
  groups_.back().alternatives.push_back(syntax_.sequence(parts));
  can_repeat_ = false;
}

NodeId Parser::finish_group() {
  end_alternative();
  const Group group = std::move(groups_.back());
  groups_.pop_back();
  if (group.alternatives.size() == 1) return group.alternatives.front();
  return syntax_.choice(group.alternatives);
}

Status Parser::parse_quantifier() {
  if (!can_repeat_) return error(at_, "nothing to repeat");
  uint32_t min = peek() == '+' ? 1 : 0;
  uint32_t max = peek() == '?' ? 1 : kUnbounded;
  const bool is_braced = peek() == '{';
  if (is_braced) {
    SAMOVAR_TRY(read_bounds(min, max));
  } else {
    ++at_;
  }
  if (peek() == '?') ++at_;  // lazy: the same texts match
  const NodeId item = sequence().back();
  sequence().back() = is_braced ? syntax_.count(item, min, max) : syntax_.repeat(item, min, max);
  can_repeat_ = false;
  return {};
}

Status Parser::read_bounds(uint32_t& min, uint32_t& max) {
  const size_t begin = at_++;
  SAMOVAR_ASSIGN(min, read_number());
  max = min;
  if (peek() == ',') {
    ++at_;
    max = kUnbounded;
    if (peek() != '}') {
      SAMOVAR_ASSIGN(max, read_number());
    }
  }
  if (peek() != '}') return error(begin, "a wrong quantifier");
  ++at_;
  if (min > max) return error(begin, "the repetition's minimum exceeds its maximum");
  return {};
}

Result<uint32_t> Parser::read_number() {
  const size_t begin = at_;
  const auto count = read_count(pattern_, at_, limits_.max_repetition);
  if (!count) return error(begin, fmt::format("a repetition over {}", limits_.max_repetition));
  if (at_ == begin) return error(begin, "expected a number");
  return *count;
}

Result<NodeId> Parser::run() {
  if (pattern_.size() > limits_.max_source_bytes) return error(0, "too long");
  groups_.push_back({0, {}, {}});
  while (at_ < pattern_.size()) {
    const size_t begin = at_;
    SAMOVAR_TRY(parse_item());
    SAMOVAR_TRY(deadline_.check(at_ - begin));
    if (syntax_.n_nodes() > limits_.max_nodes) return error(at_, "too long");
  }
  if (!is_top()) return error(groups_.back().offset, "a '(' that is never closed");
  return finish_group();
}

}  // namespace

Result<NodeId> parse_pattern(std::string_view pattern, Syntax& syntax, JsonRules& json,
                             const Limits& limits, Deadline& deadline) {
  return Parser(pattern, syntax, json, limits, deadline).run();
}

}  // namespace samovar::grammar
