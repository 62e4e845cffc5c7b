#include "grammar/grammar.h"

#include "grammar/compiler.h"
#include "grammar/gbnf.h"

namespace samovar::grammar {
namespace {

// Frames. A parenthesis of a grammar with many levels of operators may need one for each level.
constexpr uint32_t kGbnfStack = 1024;

}  // namespace

Result<Grammar> Grammar::parse_gbnf(std::string_view text, const Limits& limits) {
  SAMOVAR_ASSIGN(const SyntaxAndRoot parsed, grammar::parse_gbnf(text, limits));
  SAMOVAR_ASSIGN(Automaton automaton, compile(parsed.syntax, parsed.root, kGbnfStack, limits));
  return finish(std::move(automaton));
}

Result<Grammar> Grammar::finish(Automaton automaton) {
  Grammar grammar(std::move(automaton));
  if (grammar.matcher().is_dead()) return invalid_argument("grammar: too ambiguous at its start");
  return grammar;
}

}  // namespace samovar::grammar
