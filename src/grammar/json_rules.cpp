#include "grammar/json_rules.h"

#include <array>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

constexpr uint32_t kMaxIndent = 20;
constexpr uint32_t kMaxDigits = 18;  // fit into int64
constexpr char32_t kManyMembers = 256;

CodePointSet hex_digits() {
  return {{'0', '9'}, {'a', 'f'}, {'A', 'F'}};
}

// What a string holds as itself.
CodePointSet unescaped() {
  return CodePointSet{{0, 0x1F}, {'"', '"'}, {'\\', '\\'}}.complement();
}

struct ShortEscape {
  char32_t character, letter;
};
constexpr std::array<ShortEscape, 7> kShortEscapes{
    {{'"', '"'}, {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}}};

char32_t n_members(const CodePointSet& set) {
  char32_t n = 0;
  for (const CodePointRange& range : set.ranges()) n += range.last - range.first + 1;
  return n;
}

}  // namespace

NodeId JsonRules::space() {
  if (!space_) {
    space_ = syntax_.add_rule("space");
    const NodeId indent = syntax_.repeat(syntax_.one_of({{' ', ' '}, {'\t', '\t'}}), 0, kMaxIndent);
    const NodeId line = syntax_.sequence({syntax_.literal("\n"), indent});
    syntax_.set_body(*space_, syntax_.optional(syntax_.choice({syntax_.literal(" "), line})));
  }
  return syntax_.call(*space_);
}

NodeId JsonRules::comma() {
  return syntax_.sequence({syntax_.literal(","), space()});
}

NodeId JsonRules::character() {
  const NodeId hex = syntax_.one_of(hex_digits());
  const auto hexes = [&](uint32_t n) { return syntax_.repeat(hex, n, n); };
  const NodeId d = syntax_.one_of({{'d', 'd'}, {'D', 'D'}});
  const CodePointSet no_d = hex_digits().without({{'d', 'd'}, {'D', 'D'}});
  const NodeId single =
      syntax_.choice({syntax_.sequence({syntax_.one_of(no_d), hexes(3)}),
                      syntax_.sequence({d, syntax_.one_of({{'0', '7'}}), hexes(2)})});
  const NodeId pair = syntax_.sequence({d, syntax_.one_of({{'8', '9'}, {'a', 'b'}, {'A', 'B'}}),
                                        hexes(2), syntax_.literal("\\u"), d,
                                        syntax_.one_of({{'c', 'f'}, {'C', 'F'}}), hexes(2)});
  const NodeId code = syntax_.sequence({syntax_.literal("u"), syntax_.choice({single, pair})});
  CodePointSet letters{{'/', '/'}};
  for (const ShortEscape& escape : kShortEscapes) letters.add(escape.letter, escape.letter);
  const NodeId escape =
      syntax_.sequence({syntax_.literal("\\"), syntax_.choice({syntax_.one_of(letters), code})});
  return syntax_.choice({syntax_.one_of(unescaped()), escape});
}

NodeId JsonRules::character_of(const CodePointSet& set) {
  const bool takes_controls = n_members(set) <= kManyMembers;
  std::vector<NodeId> spellings;
  const CodePointSet plain = set.common_with(unescaped());
  if (!plain.empty()) spellings.push_back(syntax_.one_of(plain));
  CodePointSet letters;
  CodePointSet escaped_short;
  for (const ShortEscape& escape : kShortEscapes) {
    escaped_short.add(escape.character, escape.character);
    if (set.contains(escape.character)) letters.add(escape.letter, escape.letter);
  }
  if (!letters.empty()) {
    spellings.push_back(syntax_.sequence({syntax_.literal("\\"), syntax_.one_of(letters)}));
  }
  for (char32_t c = 0; takes_controls && c < 0x20; ++c) {
    if (!set.contains(c) || escaped_short.contains(c)) continue;
    spellings.push_back(syntax_.literal(fmt::format("\\u{:04x}", static_cast<uint32_t>(c))));
  }
  return syntax_.choice(spellings);
}

NodeId JsonRules::plain_character() {
  if (!plain_character_) plain_character_ = character_of(CodePointSet::all());
  return *plain_character_;
}

NodeId JsonRules::quoted(NodeId inside) {
  return syntax_.sequence({syntax_.literal("\""), inside, syntax_.literal("\"")});
}

NodeId JsonRules::string() {
  if (!string_) {
    string_ = syntax_.add_rule("string");
    syntax_.set_body(*string_, quoted(syntax_.repeat(character(), 0, kUnbounded)));
  }
  return syntax_.call(*string_);
}

NodeId JsonRules::digits(uint32_t min, uint32_t max) {
  return syntax_.repeat(syntax_.one_of({{'0', '9'}}), min, max);
}

NodeId JsonRules::integer() {
  if (!integer_) {
    integer_ = syntax_.add_rule("integer");
    const NodeId many = syntax_.sequence({syntax_.one_of({{'1', '9'}}), digits(0, kMaxDigits - 1)});
    syntax_.set_body(*integer_, syntax_.sequence({syntax_.optional(syntax_.literal("-")),
                                                  syntax_.choice({syntax_.literal("0"), many})}));
  }
  return syntax_.call(*integer_);
}

NodeId JsonRules::number() {
  if (!number_) {
    number_ = syntax_.add_rule("number");
    const NodeId fraction = syntax_.sequence({syntax_.literal("."), digits(1, kMaxDigits - 1)});
    const NodeId sign = syntax_.one_of({{'+', '+'}, {'-', '-'}});
    const NodeId exponent = syntax_.sequence(
        {syntax_.one_of({{'e', 'e'}, {'E', 'E'}}), syntax_.optional(sign), digits(1, 2)});
    syntax_.set_body(*number_, syntax_.sequence({integer(), syntax_.optional(fraction),
                                                 syntax_.optional(exponent)}));
  }
  return syntax_.call(*number_);
}

NodeId JsonRules::boolean() {
  return syntax_.choice({syntax_.literal("true"), syntax_.literal("false")});
}

NodeId JsonRules::enclosed(std::string_view open, NodeId inside, std::string_view close) {
  return syntax_.sequence({syntax_.literal(open), space(), inside, syntax_.literal(close)});
}

NodeId JsonRules::list_of(NodeId element) {
  const NodeId one = syntax_.sequence({element, space()});
  const NodeId more = syntax_.repeat(syntax_.sequence({comma(), one}), 0, kUnbounded);
  return syntax_.optional(syntax_.sequence({one, more}));
}

NodeId JsonRules::any_object() {
  if (!object_) {
    object_ = syntax_.add_rule("object");
    const NodeId member = syntax_.sequence({string(), syntax_.literal(":"), space(), any_value()});
    syntax_.set_body(*object_, in_braces(list_of(member)));
  }
  return syntax_.call(*object_);
}

NodeId JsonRules::any_array() {
  if (!array_) {
    array_ = syntax_.add_rule("array");
    syntax_.set_body(*array_, in_brackets(list_of(any_value())));
  }
  return syntax_.call(*array_);
}

NodeId JsonRules::any_value() {
  if (!value_) {
    value_ = syntax_.add_rule("value");  // known before its parts ask for it
    syntax_.set_body(*value_, syntax_.choice({any_object(), any_array(), string(), number(),
                                              boolean(), null()}));
  }
  return syntax_.call(*value_);
}

}  // namespace samovar::grammar
