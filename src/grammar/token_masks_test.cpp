#include "grammar/token_masks.h"

#include "base/rng.h"
#include "grammar/grammar.h"
#include "json/json.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::grammar {
namespace {

// All bytes, and longer texts that cross every border a grammar below has.
std::vector<std::string> token_texts() {
  std::vector<std::string> texts;
  for (int byte = 0; byte < 256; ++byte) texts.emplace_back(1, static_cast<char>(byte));
  for (const char* text :
       {"\"}",      "\",",      "\", \"",     "\":",      "\": \"",  "{\"",  "[[",
        "[[[",      "]]",       "]]]",        "}]}",      "[]",      "{}",   "true",
        "false",    "null",     "tr",         "ue",       "12",      "0.5",  "1e",
        "  ",       "\n ",      "\n    ",     " {",       " [",      "abc",  "ab",
        "ba",       "aaaa",     "aabb",       "ab\"",     "a\":",    "\\n",  "\\u00",
        "\\\"",     "a\",\"b",  "((",         "))",       "()",      "(()",  "+1",
        "*(",       "1+",       "x)",         "\u00e9",   "\xc3",    "\xa9", "\u00e9\u00e9",
        "\xf0\x9f", "\x98\x80", "\U0001F600", "\u00e9\"", "\xa9\"}", "name", "\"name\"",
        "\"age\":", "abab",     "bbbb",       "(((((((("}) {
    texts.emplace_back(text);
  }
  texts.emplace_back("ab");             // a text that another token has too
  texts.emplace_back("");               // never allowed
  texts.emplace_back(600, 'a');         // too long
  texts.emplace_back("<|im_end|>");     // ends
  texts.emplace_back("<|endoftext|>");  // ends
  texts.emplace_back("a");              // control
  return texts;
}

struct Vocabulary {
  std::vector<std::string> texts = token_texts();
  std::vector<TokenText> tokens;
  std::shared_ptr<const TokenTrie> trie;

  Vocabulary() {
    for (const std::string& text : texts) tokens.push_back({text, TokenRole::kText});
    const size_t n = tokens.size();
    tokens[n - 1].role = TokenRole::kControl;
    tokens[n - 2].role = tokens[n - 3].role = TokenRole::kEnd;
    trie = std::make_shared<const TokenTrie>(tokens);
  }
};

bool is_allowed(const TokenText& token, const Matcher& matcher) {
  if (token.role == TokenRole::kEnd) return matcher.can_end();
  if (token.role == TokenRole::kControl || token.bytes.empty()) return false;
  if (token.bytes.size() > TokenTrie::kMaxTokenBytes) return false;
  Matcher copy = matcher;
  return copy.accept(token.bytes);
}

bool has_bit(std::span<const uint32_t> mask, size_t t) {
  return (mask[t / 32] >> (t % 32) & 1) != 0;
}

void check_mask(const Vocabulary& vocabulary, TokenMasks& masks, const Matcher& matcher) {
  const auto mask = masks.allowed(matcher);
  REQUIRE(mask.ok());
  REQUIRE(mask->size() == vocabulary.trie->n_words());
  std::string wrong;
  for (size_t t = 0; t < vocabulary.tokens.size(); ++t) {
    if (has_bit(*mask, t) != is_allowed(vocabulary.tokens[t], matcher)) {
      wrong += "[" + vocabulary.texts[t] + "]";
    }
  }
  CHECK(wrong.empty());
  if (!wrong.empty()) MESSAGE(wrong);
}

// Takes an allowed token at random, up to n_steps of them; each mask on the way is checked.
void random_walk(const Vocabulary& vocabulary, TokenMasks& masks, Matcher matcher, Rng& rng,
                 int n_steps) {
  std::string text;
  for (int step = 0; step < n_steps; ++step) {
    CAPTURE(text);
    check_mask(vocabulary, masks, matcher);
    std::vector<size_t> allowed;
    for (size_t t = 0; t < vocabulary.tokens.size(); ++t) {
      const TokenText& token = vocabulary.tokens[t];
      if (token.role == TokenRole::kText && is_allowed(token, matcher)) allowed.push_back(t);
    }
    if (allowed.empty()) return;
    const std::string& next = vocabulary.texts[allowed[rng.next_below(allowed.size())]];
    text += next;
    REQUIRE(matcher.accept(next));
  }
}

constexpr std::string_view kJson = R"(
root ::= object
value ::= object | array | string | number | ("true" | "false" | "null") ws
object ::= "{" ws (string ":" ws value ("," ws string ":" ws value)*)? "}" ws
array ::= "[" ws (value ("," ws value)*)? "]" ws
string ::= "\"" ([^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}))* "\"" ws
number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
ws ::= | " " | "\n" [ \t]{0,20}
)";

const std::vector<std::string_view> kGrammars{
    kJson,
    R"(root ::= [ab]*)",
    R"(root ::= ([ab]* "a" [ab]{6})*)",
    "root ::= e\ne ::= t (\"+\" t)*\nt ::= f (\"*\" f)*\nf ::= [0-9]+ | \"(\" e \")\"",
    "root ::= [^\"]{3,9} \"\\\"\" root | .",
    "root ::= s (\",\" s)*\ns ::= \"\\\"\" w (\" \" w)* \"\\\"\"\nw ::= l l* | w2 \"x\"\nl ::= "
    "[a-z] | "
    "\"\u00e9\"\nw2 ::= [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] "
    "[a-c] "
    "[a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c] [a-c]",
};

Grammar parse(std::string_view gbnf) {
  auto grammar = Grammar::parse_gbnf(gbnf, Limits{.max_compile_us = 60'000'000});
  REQUIRE_MESSAGE(grammar.ok(), std::string(grammar.status().message()));
  return *std::move(grammar);
}

TEST_CASE("Masks hold exactly the tokens a matcher accepts") {
  const Vocabulary vocabulary;
  // With room, and with none: nothing but the last mask is kept, tables are dropped all the time.
  for (const size_t max_bytes : {size_t{16} << 20, size_t{64} << 10}) {
    TokenMasks masks(vocabulary.trie, {.max_bytes = max_bytes});
    Rng rng(7);
    for (int round = 0; round < 4; ++round) {
      for (size_t i = 0; i < kGrammars.size(); ++i) {
        CAPTURE(kGrammars[i]);
        random_walk(vocabulary, masks, parse(kGrammars[i]).matcher(), rng, 30);
      }
    }
    if (max_bytes > size_t{1} << 20) CHECK(masks.stats().n_found > 0);
  }
}

Grammar from_schema(std::string_view schema) {
  const auto value = json::parse(schema);
  REQUIRE(value.ok());
  auto grammar = Grammar::from_json_schema(*value, {}, Limits{.max_compile_us = 60'000'000});
  REQUIRE_MESSAGE(grammar.ok(), std::string(grammar.status().message()));
  return *std::move(grammar);
}

TEST_CASE("Masks are exact where repetitions are counted") {
  const Vocabulary vocabulary;
  TokenMasks masks(vocabulary.trie);
  Rng rng(9);
  for (
      const std::string_view schema :
      {R"({"type": "string", "minLength": 17, "maxLength": 30})",
       R"({"type": "string", "minLength": 700, "maxLength": 1500})",
       R"({"pattern": "^(?:ab?|[a-c]{2}){18,40}$"})", R"({"pattern": "^(?:a?b?){20,60}$"})",
       R"({"items": {"items": {"enum": ["a", "ab"]}, "maxItems": 20}, "minItems": 18, "maxItems": 800})"}) {
    CAPTURE(schema);
    const Grammar grammar = from_schema(schema);
    for (int round = 0; round < 3; ++round) {
      random_walk(vocabulary, masks, grammar.matcher(), rng, 30);
    }
  }
  // Across both bounds, by one character at a time.
  const Grammar grammar = from_schema(R"({"type": "string", "minLength": 700, "maxLength": 1500})");
  for (const size_t n :
       {0, 100, 650, 690, 698, 699, 700, 701, 850, 899, 900, 901, 1440, 1490, 1499, 1500}) {
    CAPTURE(n);
    Matcher matcher = grammar.matcher();
    REQUIRE(matcher.accept("\"" + std::string(n, 'a')));
    check_mask(vocabulary, masks, matcher);
  }
}

TEST_CASE("Far from its bounds a long string has one mask, wherever it is") {
  const Vocabulary vocabulary;
  TokenMasks masks(vocabulary.trie);
  Matcher matcher = from_schema(R"({"type": "string", "maxLength": 100000})").matcher();
  REQUIRE(matcher.accept("\"a"));
  check_mask(vocabulary, masks, matcher);
  for (int i = 0; i < 50; ++i) {
    REQUIRE(matcher.accept("abcabc"));
    check_mask(vocabulary, masks, matcher);
  }
  CHECK(masks.stats().n_computed == 1);
}

TEST_CASE("A mask at the limit of the stack agrees with the matcher") {
  const Vocabulary vocabulary;
  TokenMasks masks(vocabulary.trie);
  Matcher matcher = parse("root ::= \"(\" root \")\" | \"x\"").matcher();
  REQUIRE(matcher.accept(std::string(1010, '(')));
  for (int i = 0; i < 15 && !matcher.must_end(); ++i) {
    check_mask(vocabulary, masks, matcher);
    REQUIRE(matcher.accept(i < 14 ? "(" : "x"));
  }
  check_mask(vocabulary, masks, matcher);
}

TEST_CASE("A string has one part of a mask, however deep it lies") {
  const Vocabulary vocabulary;
  TokenMasks masks(vocabulary.trie);
  const Grammar grammar = parse(kJson);
  Matcher first = grammar.matcher();
  REQUIRE(first.accept("{\"a\": [\"x"));
  check_mask(vocabulary, masks, first);
  const MaskStats before = masks.stats();
  CHECK(before.n_parts == 1);
  Matcher second = grammar.matcher();
  REQUIRE(second.accept("{\"b\": [[{\"c\": [\"y"));
  check_mask(vocabulary, masks, second);
  CHECK(masks.stats().n_computed == before.n_computed + 1);
  CHECK(masks.stats().n_parts == before.n_parts);
  check_mask(vocabulary, masks, first);
  CHECK(masks.stats().n_found == before.n_found + 1);
}

TEST_CASE("A dead matcher allows nothing, a finished one only the end") {
  const Vocabulary vocabulary;
  TokenMasks masks(vocabulary.trie);
  Matcher matcher = parse("root ::= \"ab\"").matcher();
  REQUIRE(matcher.accept("ab"));
  check_mask(vocabulary, masks, matcher);
  matcher.accept("c");
  REQUIRE(matcher.is_dead());
  check_mask(vocabulary, masks, matcher);
}

TEST_CASE("Memory stays within its limit") {
  const Vocabulary vocabulary;
  constexpr size_t kMax = size_t{1} << 20;
  TokenMasks masks(vocabulary.trie, {.max_bytes = kMax});
  Rng rng(3);
  for (int i = 0; i < 40; ++i) {
    random_walk(vocabulary, masks, parse(kJson).matcher(), rng, 10);
    CHECK(masks.stats().memory_bytes <= kMax);
  }
}

TEST_CASE("A hopelessly ambiguous grammar costs an error, not the server") {
  const Vocabulary vocabulary;
  TokenMasks masks(vocabulary.trie, {.max_work = 500});
  std::string gbnf = "root ::= [ab]*";
  for (int i = 0; i < 400; ++i) gbnf += " [ab]?";
  Matcher matcher = parse(gbnf + " \"c\"").matcher();
  const auto mask = masks.allowed(matcher);
  REQUIRE_FALSE(mask.ok());
  CHECK(mask.status().code() == Code::kResourceExhausted);
}

TEST_CASE("An empty vocabulary has empty masks") {
  TokenMasks masks(std::make_shared<const TokenTrie>(std::span<const TokenText>()));
  const auto mask = masks.allowed(parse(kJson).matcher());
  REQUIRE(mask.ok());
  CHECK(mask->empty());
}

}  // namespace
}  // namespace samovar::grammar
