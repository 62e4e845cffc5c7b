#include "grammar/grammar.h"

#include "grammar/compiler.h"
#include "grammar/gbnf.h"
#include "grammar/json_rules.h"
#include "grammar/json_schema.h"
#include "grammar/network.h"

namespace samovar::grammar {
Result<Grammar> Grammar::parse_gbnf(std::string_view text, const Limits& limits) {
  Deadline deadline(limits);
  SAMOVAR_ASSIGN(const SyntaxAndRoot parsed, grammar::parse_gbnf(text, limits, deadline));
  return from_syntax(parsed, kGbnfStack, limits, deadline);
}

Result<Grammar> Grammar::from_json_schema(const json::Value& schema, const SchemaOptions& options,
                                          const Limits& limits) {
  Deadline deadline(limits);
  SAMOVAR_ASSIGN(SchemaSyntax parsed, parse_json_schema(schema, options, limits, deadline));
  Result<Grammar> grammar = from_syntax(parsed.tree, kJsonStack, limits, deadline);
  if (!grammar.ok()) {
    const bool has_reason =
        !parsed.contradiction.empty() && grammar.status().message().starts_with(kNothingMatches);
    return has_reason ? invalid_argument(std::move(parsed.contradiction)) : grammar.status();
  }
  grammar->ignored_keywords_ = std::move(parsed.ignored);
  return grammar;
}

Result<Grammar> Grammar::json_object() {
  const Limits limits;
  Deadline deadline(limits);
  SyntaxAndRoot tree;
  JsonRules json(tree.syntax);
  tree.root = tree.syntax.add_rule("root");
  tree.syntax.set_body(tree.root, json.any_object());
  return from_syntax(tree, kJsonStack, limits, deadline);
}

Result<Grammar> Grammar::from_syntax(const SyntaxAndRoot& tree, uint32_t max_stack,
                                     const Limits& limits, Deadline& deadline) {
  SAMOVAR_ASSIGN(Automaton automaton, compile(tree.syntax, tree.root, max_stack, limits, deadline));
  Grammar grammar(std::move(automaton));
  if (grammar.matcher().is_dead()) return invalid_argument("grammar: too ambiguous at its start");
  return grammar;
}

Grammar Grammar::behind(std::string text) const {
  Grammar out = *this;
  out.begun_ += text;
  return out;
}

Matcher Grammar::matcher() const {
  Matcher matcher(automaton_);
  matcher.accept(begun_);
  return matcher;
}

}  // namespace samovar::grammar
