#include "grammar/answer_grammar.h"

#include "grammar/json_rules.h"
#include "grammar/json_schema.h"
#include "grammar/network.h"
#include "json/json.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr uint32_t kMaxBlanks = 8;  // behind a thought: a model can't go on with them for ever

CodePointSet set_of(std::string_view characters) {
  CodePointSet set;
  for (const char c : characters) set.add(static_cast<char32_t>(c), static_cast<char32_t>(c));
  return set;
}

// How much of `marker` stands at the end of a text that had `matched` characters of it and goes on
// with `next`.
size_t matched_behind(std::string_view marker, size_t matched, char next) {
  const std::string text = std::string(marker.substr(0, matched)) + next;
  size_t n = text.size();
  while (!text.ends_with(marker.substr(0, n))) --n;
  return n;
}

}  // namespace

Status AnswerGrammar::set_gbnf(std::string_view text) {
  SAMOVAR_ASSIGN(const SyntaxAndRoot parsed, parse_gbnf(text, limits_, deadline_));
  documents_ = {syntax_.call(syntax_.append(parsed.syntax, parsed.root))};
  max_stack_ = kGbnfStack;
  return {};
}

Status AnswerGrammar::set_schema(const json::Value& schema) {
  if (schema.is_object() && schema.empty()) {
    documents_ = {JsonRules(syntax_).any_object()};
    return {};
  }
  SAMOVAR_ASSIGN(const RuleId root, add_schema(schema));
  documents_ = {syntax_.call(root)};
  return {};
}

Status AnswerGrammar::add_call(std::string_view begin, const json::Value& schema,
                               std::string_view end) {
  SAMOVAR_ASSIGN(const RuleId root, add_schema(schema));
  calls_.push_back(
      syntax_.sequence({syntax_.literal(begin), syntax_.call(root), syntax_.literal(end)}));
  return {};
}

Result<RuleId> AnswerGrammar::add_schema(const json::Value& schema) {
  SAMOVAR_ASSIGN(SchemaSyntax parsed, parse_json_schema(schema, {}, limits_, deadline_));
  if (contradiction_.empty()) contradiction_ = std::move(parsed.contradiction);
  ignored_ = std::move(parsed.ignored);
  const RuleId root = syntax_.append(parsed.tree.syntax, parsed.tree.root);
  if (syntax_.n_nodes() > limits_.max_nodes || syntax_.n_rules() > limits_.max_rules) {
    return invalid_argument("the schemas are too large together");
  }
  return root;
}

NodeId AnswerGrammar::blanks() {
  return syntax_.repeat(syntax_.one_of(set_of(kBlanks)), 0, kMaxBlanks);
}

// Any text up to the first `marker`, then `behind`; it may end before where `may_end` says so. Rule
// i stands for a text that ends in i characters of the marker (Knuth, Morris, Pratt 1977); each
// ends in a call, which needs no stack.
NodeId AnswerGrammar::text_until(std::string_view marker, NodeId behind, bool may_end) {
  std::vector<RuleId> rules;
  for (size_t i = 0; i < marker.size(); ++i) {
    rules.push_back(syntax_.add_rule(fmt::format("text behind \"{}\"", marker.substr(0, i))));
  }
  std::string letters(marker);
  std::sort(letters.begin(), letters.end());
  letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
  for (size_t i = 0; i < marker.size(); ++i) {
    std::vector<NodeId> ways;
    if (may_end) ways.push_back(syntax_.empty());
    ways.push_back(
        syntax_.sequence({syntax_.one_of(set_of(letters).complement()), syntax_.call(rules[0])}));
    for (const char letter : letters) {
      const size_t n = matched_behind(marker, i, letter);
      const NodeId next = n == marker.size() ? behind : syntax_.call(rules[n]);
      ways.push_back(syntax_.sequence({syntax_.literal({&letter, 1}), next}));
    }
    syntax_.set_body(rules[i], syntax_.choice(ways));
  }
  return syntax_.call(rules[0]);
}

// `marker` and `behind`, or any text that does not begin with the marker, white space apart.
NodeId AnswerGrammar::text_not_begun_by(std::string_view marker, NodeId behind) {
  const NodeId any = syntax_.repeat(syntax_.one_of(CodePointSet::all()), 0, kUnbounded);
  const RuleId first = syntax_.add_rule("text from its beginning");
  NodeId next = behind;
  for (size_t i = marker.size(); i > 0; --i) {
    const std::string_view letter = marker.substr(i - 1, 1);
    std::string known(letter);
    if (i == 1) known += kBlanks;
    std::vector<NodeId> ways = {
        syntax_.empty(), syntax_.sequence({syntax_.literal(letter), next}),
        syntax_.sequence({syntax_.one_of(set_of(known).complement()), any})};
    if (i == 1) {
      ways.push_back(syntax_.sequence({syntax_.one_of(set_of(kBlanks)), syntax_.call(first)}));
    }
    next = syntax_.choice(ways);
  }
  syntax_.set_body(first, next);
  return syntax_.call(first);
}

NodeId AnswerGrammar::calls(const AnswerForm& form, std::string_view open) {
  const RuleId one = syntax_.add_rule("call");
  syntax_.set_body(one, syntax_.choice(calls_));
  const NodeId more = syntax_.sequence({syntax_.literal(form.calls_between), syntax_.call(one)});
  return syntax_.sequence({syntax_.literal(open), syntax_.call(one),
                           syntax_.repeat(more, 0, form.max_calls - 1),
                           syntax_.literal(form.calls_close)});
}

// What follows the thought.
NodeId AnswerGrammar::body(const AnswerForm& form) {
  if (calls_.empty()) return documents_.front();
  if (form.must_call) return calls(form, form.calls_open);
  if (!documents_.empty()) {
    return syntax_.choice({calls(form, form.calls_open), documents_.front()});
  }
  const NodeId behind_marker =
      calls(form, std::string_view(form.calls_open).substr(form.marker.size()));
  return form.marker_begins_answer ? text_not_begun_by(form.marker, behind_marker)
                                   : text_until(form.marker, behind_marker, true);
}

Result<Grammar> AnswerGrammar::compile(const AnswerForm& form) {
  const RuleId root = syntax_.add_rule("answer");
  const RuleId inner = syntax_.add_rule("answer behind the thought");
  syntax_.set_body(inner, body(form));
  NodeId whole = syntax_.call(inner);
  if (!form.thought_open.empty()) {
    const NodeId behind = syntax_.sequence({blanks(), syntax_.call(inner)});
    whole = syntax_.choice({syntax_.sequence({blanks(), syntax_.literal(form.thought_open),
                                              text_until(form.thought_close, behind, false)}),
                            whole});
  }
  syntax_.set_body(root, whole);
  SyntaxAndRoot tree{std::move(syntax_), root};
  auto grammar = Grammar::from_syntax(tree, max_stack_, limits_, deadline_);
  if (!grammar.ok() && !contradiction_.empty() &&
      grammar.status().message().starts_with(kNothingMatches)) {
    return invalid_argument(std::move(contradiction_));
  }
  return grammar;
}

}  // namespace samovar::grammar
