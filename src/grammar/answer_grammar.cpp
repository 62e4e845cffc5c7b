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

Status AnswerGrammar::add_call(CallText text, const json::Value& schema,
                               std::span<const BareCallText> bare) {
  if (!calls_.empty()) deadline_.allow_more(limits_.more_compile_us);
  SAMOVAR_ASSIGN(const RuleId root, add_schema(schema));
  calls_.push_back({std::move(text), root});
  for (const BareCallText& one : bare) bare_calls_.push_back({one, root});
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

// Text up to a marker, as rules: rule i stands for a text that ends in i characters of the marker
// (Knuth, Morris, Pratt 1977). Each ends in a call, which needs no stack.
struct AnswerGrammar::FreeText {
  std::string_view marker;
  std::string letters;  // of the marker, each once
  std::vector<RuleId> rules;
  NodeId behind;  // the marker
  bool may_end;   // before the marker
};

// How a text goes on that ends in `matched` characters of the marker, `except` these characters.
void AnswerGrammar::add_ways(const FreeText& text, size_t matched, std::string_view except,
                             std::vector<NodeId>& ways) {
  const CodePointSet known = set_of(text.letters + std::string(except));
  if (text.may_end) ways.push_back(syntax_.empty());
  ways.push_back(
      syntax_.sequence({syntax_.one_of(known.complement()), syntax_.call(text.rules[0])}));
  for (const char letter : text.letters) {
    if (except.find(letter) != std::string_view::npos) continue;
    const size_t n = matched_behind(text.marker, matched, letter);
    const NodeId next = n == text.marker.size() ? text.behind : syntax_.call(text.rules[n]);
    ways.push_back(syntax_.sequence({syntax_.literal({&letter, 1}), next}));
  }
}

// Any text up to the first `marker`, then `behind`. An empty marker stands nowhere.
AnswerGrammar::FreeText AnswerGrammar::text_until(std::string_view marker, NodeId behind,
                                                  bool may_end) {
  FreeText out{
      .marker = marker, .letters = std::string(marker), .behind = behind, .may_end = may_end};
  std::sort(out.letters.begin(), out.letters.end());
  out.letters.erase(std::unique(out.letters.begin(), out.letters.end()), out.letters.end());
  for (size_t i = 0; i < std::max<size_t>(1, marker.size()); ++i) {
    out.rules.push_back(syntax_.add_rule(fmt::format("text behind \"{}\"", marker.substr(0, i))));
  }
  for (size_t i = 0; i < out.rules.size(); ++i) {
    std::vector<NodeId> ways;
    add_ways(out, i, "", ways);
    syntax_.set_body(out.rules[i], syntax_.choice(ways));
  }
  return out;
}

NodeId AnswerGrammar::one_call(const Call& call) {
  return syntax_.sequence({syntax_.literal(call.text.begin), syntax_.call(call.arguments),
                           syntax_.literal(call.text.end)});
}

// A bare call out of `calls`, whose leads share their first `n_known` characters, or free text: the
// leads as a tree, left at any character that none of them has there. REQUIRES: they are sorted, no
// lead begins another one, and no end of a lead begins the text's marker.
NodeId AnswerGrammar::bare_call(const FreeText& text, std::span<const BareCall> calls,
                                size_t n_known) {
  const BareCall& first = calls.front();
  if (first.text.lead.size() == n_known) {
    return one_call({first.text.text, first.arguments});
  }
  std::vector<NodeId> ways;
  std::string known(n_known == 0 ? kBlanks : "");
  for (size_t begin = 0, end = 0; begin < calls.size(); begin = end) {
    const char letter = calls[begin].text.lead[n_known];
    while (end < calls.size() && calls[end].text.lead[n_known] == letter) ++end;
    const NodeId next = bare_call(text, calls.subspan(begin, end - begin), n_known + 1);
    ways.push_back(syntax_.sequence({syntax_.literal({&letter, 1}), next}));
    known += letter;
  }
  add_ways(text, 0, known, ways);
  return syntax_.choice(ways);
}

NodeId AnswerGrammar::text_or_bare_call(const FreeText& text) {
  std::sort(bare_calls_.begin(), bare_calls_.end(),
            [](const auto& a, const auto& b) { return a.text.lead < b.text.lead; });
  const RuleId first = syntax_.add_rule("text from its beginning");
  const NodeId blank = syntax_.sequence({syntax_.one_of(set_of(kBlanks)), syntax_.call(first)});
  syntax_.set_body(first, syntax_.choice({blank, bare_call(text, bare_calls_, 0)}));
  return syntax_.call(first);
}

NodeId AnswerGrammar::calls(const AnswerForm& form, std::string_view open) {
  std::vector<NodeId> ways;
  for (const Call& call : calls_) ways.push_back(one_call(call));
  const RuleId rule = syntax_.add_rule("call");
  syntax_.set_body(rule, syntax_.choice(ways));
  const NodeId one = syntax_.call(rule);
  const NodeId more = syntax_.sequence({syntax_.literal(form.calls_between), one});
  return syntax_.sequence({syntax_.literal(open), one, syntax_.repeat(more, 0, form.max_calls - 1),
                           syntax_.literal(form.calls_close)});
}

NodeId AnswerGrammar::text_or_calls(const AnswerForm& form) {
  const bool has_marker = !form.marker.empty();
  const NodeId behind_marker =
      has_marker ? calls(form, std::string_view(form.calls_open).substr(form.marker.size()))
                 : syntax_.nothing();
  const FreeText text = text_until(form.marker, behind_marker, true);
  return bare_calls_.empty() ? syntax_.call(text.rules[0]) : text_or_bare_call(text);
}

// What follows the thought.
NodeId AnswerGrammar::body(const AnswerForm& form) {
  if (calls_.empty()) return documents_.front();
  if (form.must_call) return calls(form, form.calls_open);
  if (!documents_.empty()) {
    return syntax_.choice({calls(form, form.calls_open), documents_.front()});
  }
  return text_or_calls(form);
}

Result<Grammar> AnswerGrammar::compile(const AnswerForm& form) {
  const RuleId root = syntax_.add_rule("answer");
  const RuleId inner = syntax_.add_rule("answer behind the thought");
  syntax_.set_body(inner, body(form));
  NodeId whole = syntax_.call(inner);
  if (!form.thought_open.empty()) {
    const NodeId behind = syntax_.sequence({blanks(), syntax_.call(inner)});
    const FreeText thought = text_until(form.thought_close, behind, false);
    whole = syntax_.choice({syntax_.sequence({blanks(), syntax_.literal(form.thought_open),
                                              syntax_.call(thought.rules[0])}),
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
