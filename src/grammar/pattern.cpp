#include "grammar/pattern.h"

#include "grammar/pattern_characters.h"
#include "grammar/repetition.h"

#include <algorithm>
#include <string>
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
  uint64_t repetition = 1;       // the most that something in it is repeated
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
  // Goes on reading: an error behind it would be one.
  void note_unsupported(size_t at, std::string_view message);
  bool is_top() const { return groups_.size() == 1; }
  std::vector<NodeId>& sequence() { return groups_.back().sequence; }

  Status parse_item();
  Status parse_anchor();
  Status add(Result<CodePointSet> set);
  Status parse_class_or_escape();
  Status open_special_group(size_t begin);
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
  uint64_t item_repetition_ = 1;              // in the last item
  Status unsupported_;                        // the first of what is not supported
  bool has_begin_ = false, has_end_ = false;  // "^" and "$" of the top alternative being read
};

void Parser::note_unsupported(size_t at, std::string_view message) {
  if (unsupported_.ok()) unsupported_ = unsupported(std::string(error(at, message).message()));
}

Status Parser::add(Result<CodePointSet> set) {
  if (!set.ok()) return set.status();
  sequence().push_back(json_.character_of(*set));
  can_repeat_ = true;
  item_repetition_ = 1;
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
    case '\\':
      return parse_class_or_escape();
    default:
      return add(read_pattern_literal(pattern_, at_));
  }
}

Status Parser::parse_class_or_escape() {
  const size_t begin = at_;
  bool is_supported = true;
  SAMOVAR_TRY(add(peek() == '[' ? read_pattern_class(pattern_, at_, is_supported)
                                : read_pattern_escape(pattern_, at_, is_supported)));
  if (!is_supported) note_unsupported(begin, "an escape that is not supported");
  return {};
}

Status Parser::parse_anchor() {
  const bool is_begin = peek() == '^';
  const bool fits =
      is_begin ? sequence().empty() && !has_begin_ : at_ + 1 == pattern_.size() || peek(1) == '|';
  if (!is_top() || !fits) note_unsupported(at_, "'^' and '$' are supported at the ends only");
  (is_begin ? has_begin_ : has_end_) = true;
  can_repeat_ = false;
  ++at_;
  return {};
}

// Behind "(", at "?".
Status Parser::open_special_group(size_t begin) {
  const std::string_view rest = pattern_.substr(at_);
  const auto is_look = [&](std::string_view mark) { return rest.starts_with(mark); };
  if (rest.starts_with("?:")) {
    at_ += 2;
  } else if (is_look("?=") || is_look("?!") || is_look("?<=") || is_look("?<!")) {
    note_unsupported(begin, "look-around is not supported");
    at_ += rest[1] == '<' ? 3 : 2;
  } else {
    const size_t name_end = rest.starts_with("?<") ? pattern_.find('>', at_) : pattern_.size();
    if (name_end >= pattern_.size()) return error(begin, "a wrong group");
    at_ = name_end + 1;
  }
  return {};
}

Status Parser::open_group() {
  if (groups_.size() > static_cast<size_t>(limits_.max_depth)) {
    return error(at_, fmt::format("parentheses nest deeper than {}", limits_.max_depth));
  }
  const size_t begin = at_++;
  if (peek() == '?') SAMOVAR_TRY(open_special_group(begin));
  groups_.push_back({begin, {}, {}});
  can_repeat_ = false;
  return {};
}

Status Parser::close_group() {
  if (is_top()) return error(at_, "a ')' that closes nothing");
  ++at_;
  item_repetition_ = groups_.back().repetition;
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
  const size_t begin = at_;
  uint32_t min = peek() == '+' ? 1 : 0;
  uint32_t max = peek() == '?' ? 1 : kUnbounded;
  const bool is_braced = peek() == '{';
  if (is_braced) {
    SAMOVAR_TRY(read_bounds(min, max));
  } else {
    ++at_;
  }
  if (peek() == '?') ++at_;  // lazy: the same texts match
  item_repetition_ *= std::max<uint64_t>(max == kUnbounded ? min : max, 1);
  if (item_repetition_ > limits_.max_repetition) {
    note_unsupported(begin, fmt::format("nested repetitions make {} copies, at most {} are allowed",
                                        item_repetition_, limits_.max_repetition));
    item_repetition_ = 1;
  }
  groups_.back().repetition = std::max(groups_.back().repetition, item_repetition_);
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
  if (!count) {
    note_unsupported(begin, fmt::format("a repetition over {}", limits_.max_repetition));
    while (is_digit(peek())) ++at_;
  }
  if (at_ == begin) return error(begin, "expected a number");
  return count.value_or(static_cast<uint32_t>(limits_.max_repetition));
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
  if (!unsupported_.ok()) return unsupported_;
  return finish_group();
}

}  // namespace

Result<NodeId> parse_pattern(std::string_view pattern, Syntax& syntax, JsonRules& json,
                             const Limits& limits, Deadline& deadline) {
  return Parser(pattern, syntax, json, limits, deadline).run();
}

}  // namespace samovar::grammar
