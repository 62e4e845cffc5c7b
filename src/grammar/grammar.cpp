#include "grammar/grammar.h"

#include "grammar/compiler.h"
#include "grammar/gbnf.h"
#include "grammar/json_rules.h"
#include "grammar/json_schema.h"
#include "grammar/network.h"

namespace samovar::grammar {
namespace {

// Frames. A parenthesis of a grammar with many levels of operators may need one for each level.
constexpr uint32_t kGbnfStack = 1024;
// Less than the depth that JSON parsers take, ours too: a level of JSON is one frame and more.
constexpr uint32_t kJsonStack = 120;

}  // namespace

Result<Grammar> Grammar::parse_gbnf(std::string_view text, const Limits& limits) {
  Deadline deadline(limits);
  SAMOVAR_ASSIGN(const SyntaxAndRoot parsed, grammar::parse_gbnf(text, limits, deadline));
  SAMOVAR_ASSIGN(Automaton automaton,
                 compile(parsed.syntax, parsed.root, kGbnfStack, limits, deadline));
  return finish(std::move(automaton));
}

Result<Grammar> Grammar::from_json_schema(const json::Value& schema, const SchemaOptions& options,
                                          const Limits& limits) {
  Deadline deadline(limits);
  SAMOVAR_ASSIGN(SchemaSyntax parsed, parse_json_schema(schema, options, limits, deadline));
  Result<Automaton> automaton =
      compile(parsed.tree.syntax, parsed.tree.root, kJsonStack, limits, deadline);
  if (!automaton.ok()) {
    const bool has_reason =
        !parsed.contradiction.empty() && automaton.status().message().starts_with(kNothingMatches);
    return has_reason ? invalid_argument(std::move(parsed.contradiction)) : automaton.status();
  }
  SAMOVAR_ASSIGN(Grammar grammar, finish(*std::move(automaton)));
  grammar.ignored_keywords_ = std::move(parsed.ignored);
  return grammar;
}

Result<Grammar> Grammar::json_object() {
  const Limits limits;
  Deadline deadline(limits);
  Syntax syntax;
  JsonRules json(syntax);
  const RuleId root = syntax.add_rule("root");
  syntax.set_body(root, json.any_object());
  SAMOVAR_ASSIGN(Automaton automaton, compile(syntax, root, kJsonStack, limits, deadline));
  return finish(std::move(automaton));
}

Result<Grammar> Grammar::finish(Automaton automaton) {
  Grammar grammar(std::move(automaton));
  if (grammar.matcher().is_dead()) return invalid_argument("grammar: too ambiguous at its start");
  return grammar;
}

}  // namespace samovar::grammar
