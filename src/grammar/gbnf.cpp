#include "grammar/gbnf.h"

#include "grammar/gbnf_characters.h"
#include "grammar/repetition.h"
#include "grammar/source_position.h"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

constexpr size_t kMaxNameBytes = 256;

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}
bool is_newline(char c) {
  return c == '\n' || c == '\r';
}

// A rule's body or a parenthesis, while it is read.
struct Group {
  size_t offset;  // B, of the "(" or the rule's name
  std::vector<NodeId> alternatives;
  std::vector<NodeId> sequence;  // the alternative being read
};

class Parser {
 public:
  Parser(std::string_view text, const Limits& limits, Deadline& deadline)
      : text_(text), limits_(limits), deadline_(deadline) {}
  Result<SyntaxAndRoot> run();

 private:
  struct Name {
    RuleId rule;
    size_t first_use;  // B
    bool is_defined;
  };

  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool at_end() const { return at_ >= text_.size(); }
  void skip_blanks();  // and comments, on one line
  void skip_space();   // over lines too
  bool continues_with_bar();

  Result<std::string_view> read_name();
  Result<Name*> name_of(std::string_view name, size_t offset);
  Status parse_rule();
  Status parse_body();
  Status parse_symbol();
  Status parse_call();
  Status open_group();
  Status close_group();
  Status parse_quantifier();
  Status read_bounds(uint32_t& min, uint32_t& max);
  Result<uint32_t> read_number();
  NodeId finish_group();
  Status check_names() const;

  std::string_view text_;
  const Limits& limits_;
  Deadline& deadline_;
  size_t at_ = 0;
  Syntax syntax_;
  std::unordered_map<std::string, Name> names_;
  std::vector<Group> groups_;  // the rule's body, then one for each open parenthesis
};

void Parser::skip_blanks() {
  while (peek() == ' ' || peek() == '\t') ++at_;
  if (peek() != '#') return;
  while (!at_end() && !is_newline(peek())) ++at_;
}

void Parser::skip_space() {
  skip_blanks();
  while (is_newline(peek())) {
    ++at_;
    skip_blanks();
  }
}

// At the end of a line of a rule: does a later line go on with "|"?
bool Parser::continues_with_bar() {
  const size_t before = at_;
  skip_space();
  if (peek() == '|') return true;
  at_ = before;
  return false;
}

Result<std::string_view> Parser::read_name() {
  const size_t begin = at_;
  while (is_name_byte(peek())) ++at_;
  if (at_ == begin) return expected_error(text_, at_, "the name of a rule");
  if (at_ - begin > kMaxNameBytes) return source_error(text_, begin, "the name is too long");
  return text_.substr(begin, at_ - begin);
}

Result<Parser::Name*> Parser::name_of(std::string_view name, size_t offset) {
  const auto [entry, is_new] = names_.try_emplace(std::string(name), Name{0, offset, false});
  if (is_new) {
    if (syntax_.n_rules() >= limits_.max_rules) {
      return source_error(text_, offset, fmt::format("more than {} rules", limits_.max_rules));
    }
    entry->second.rule = syntax_.add_rule(std::string(name));
  }
  return &entry->second;
}

Status Parser::parse_rule() {
  const size_t begin = at_;
  SAMOVAR_ASSIGN(const std::string_view text, read_name());
  SAMOVAR_ASSIGN(Name * name, name_of(text, begin));
  if (name->is_defined) {
    return source_error(text_, begin, fmt::format("the rule {} is defined twice", text));
  }
  name->is_defined = true;
  skip_blanks();
  if (text_.substr(at_, 3) != "::=") return expected_error(text_, at_, "\"::=\"");
  at_ += 3;
  skip_space();
  groups_.push_back({begin, {}, {}});
  const RuleId rule = name->rule;
  SAMOVAR_TRY(parse_body());
  syntax_.set_body(rule, finish_group());
  return {};
}

// Up to the end of the rule's last line.
Status Parser::parse_body() {
  while (true) {
    const bool is_nested = groups_.size() > 1;
    is_nested ? skip_space() : skip_blanks();
    if (at_end() || (is_newline(peek()) && !continues_with_bar())) {
      if (!is_nested) return {};
      return source_error(text_, groups_.back().offset,
                          "expected a closing ')', found the end of the text");
    }
    SAMOVAR_TRY(deadline_.check());
    SAMOVAR_TRY(parse_symbol());
    if (syntax_.n_nodes() > limits_.max_nodes) return source_error(text_, at_, "too long");
  }
}

Status Parser::parse_symbol() {
  std::vector<NodeId>& sequence = groups_.back().sequence;
  switch (peek()) {
    case '"': {
      SAMOVAR_ASSIGN(const std::string literal, read_gbnf_literal(text_, at_));
      sequence.push_back(syntax_.literal(literal));
      return {};
    }
    case '[': {
      SAMOVAR_ASSIGN(CodePointSet set, read_gbnf_class(text_, at_));
      sequence.push_back(syntax_.one_of(std::move(set)));
      return {};
    }
    case '.':
      ++at_;
      sequence.push_back(syntax_.one_of(CodePointSet::all()));
      return {};
    case '|': {
      ++at_;
      const NodeId alternative = syntax_.sequence(sequence);
      groups_.back().alternatives.push_back(alternative);
      sequence.clear();
      skip_space();
      return {};
    }
    case '(':
      return open_group();
    case ')':
      return close_group();
    case '*':
    case '+':
    case '?':
    case '{':
      return parse_quantifier();
    case '<':
    case '!':
      return source_error(text_, at_, "token references are not supported");
    default:
      return parse_call();
  }
}

Status Parser::parse_call() {
  const size_t begin = at_;
  if (!is_name_byte(peek())) {
    const bool is_nested = groups_.size() > 1;
    return expected_error(text_, at_, is_nested ? "a symbol, '|' or ')'" : "a symbol or '|'");
  }
  SAMOVAR_ASSIGN(const std::string_view text, read_name());
  SAMOVAR_ASSIGN(const Name* name, name_of(text, begin));
  groups_.back().sequence.push_back(syntax_.call(name->rule));
  return {};
}

Status Parser::open_group() {
  if (groups_.size() > static_cast<size_t>(limits_.max_depth)) {
    return source_error(text_, at_,
                        fmt::format("parentheses nest deeper than {}", limits_.max_depth));
  }
  groups_.push_back({at_, {}, {}});
  ++at_;
  return {};
}

Status Parser::close_group() {
  if (groups_.size() == 1) return expected_error(text_, at_, "a symbol or '|'");
  ++at_;
  const NodeId group = finish_group();
  groups_.back().sequence.push_back(group);
  return {};
}

NodeId Parser::finish_group() {
  Group group = std::move(groups_.back());
  groups_.pop_back();
  const NodeId last = syntax_.sequence(group.sequence);
  if (group.alternatives.empty()) return last;
  group.alternatives.push_back(last);
  return syntax_.choice(group.alternatives);
}

Status Parser::parse_quantifier() {
  if (groups_.back().sequence.empty()) {
    return expected_error(text_, at_, "a symbol before the repetition");
  }
  uint32_t min = peek() == '+' ? 1 : 0;
  uint32_t max = peek() == '?' ? 1 : kUnbounded;
  if (peek() == '{') {
    SAMOVAR_TRY(read_bounds(min, max));
  } else {
    ++at_;
  }
  NodeId& last = groups_.back().sequence.back();
  last = syntax_.repeat(last, min, max);
  return {};
}

// {m}, {m,}, {m,n} and {,n}.
Status Parser::read_bounds(uint32_t& min, uint32_t& max) {
  const size_t begin = at_++;
  skip_blanks();
  min = 0;
  const bool has_min = is_digit(peek());
  if (has_min) {
    SAMOVAR_ASSIGN(min, read_number());
  }
  skip_blanks();
  max = min;
  if (peek() == ',') {
    ++at_;
    skip_blanks();
    max = kUnbounded;
    if (is_digit(peek())) {
      SAMOVAR_ASSIGN(max, read_number());
    } else if (!has_min) {
      return expected_error(text_, at_, "a number");
    }
    skip_blanks();
  } else if (!has_min) {
    return expected_error(text_, at_, "a number");
  }
  if (peek() != '}') return expected_error(text_, at_, "'}'");
  ++at_;
  if (min > max) return source_error(text_, begin, "the repetition's minimum exceeds its maximum");
  return {};
}

Result<uint32_t> Parser::read_number() {
  const size_t begin = at_;
  if (const auto count = read_count(text_, at_, limits_.max_repetition)) return *count;
  return source_error(text_, begin, fmt::format("a repetition over {}", limits_.max_repetition));
}

// The first in the text is named, whatever the order in the map.
Status Parser::check_names() const {
  const std::pair<const std::string, Name>* missing = nullptr;
  for (const auto& entry : names_) {
    const bool is_earlier =
        missing == nullptr || entry.second.first_use < missing->second.first_use;
    if (!entry.second.is_defined && is_earlier) missing = &entry;
  }
  if (missing == nullptr) return {};
  return source_error(text_, missing->second.first_use,
                      fmt::format("the rule {} is not defined", missing->first));
}

Result<SyntaxAndRoot> Parser::run() {
  if (text_.size() > limits_.max_source_bytes) {
    return invalid_argument(fmt::format("grammar: {} bytes, at most {} are allowed", text_.size(),
                                        limits_.max_source_bytes));
  }
  skip_space();
  while (!at_end()) {
    SAMOVAR_TRY(parse_rule());
    skip_space();
  }
  SAMOVAR_TRY(check_names());
  const auto root = names_.find("root");
  if (root == names_.end()) {
    return source_error(text_, text_.size(), "there is no rule named root");
  }
  return SyntaxAndRoot{std::move(syntax_), root->second.rule};
}

}  // namespace

Result<SyntaxAndRoot> parse_gbnf(std::string_view text, const Limits& limits, Deadline& deadline) {
  return Parser(text, limits, deadline).run();
}

}  // namespace samovar::grammar
