#include "grammar/grammar_test_support.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::grammar {
namespace {

struct GbnfCase {
  std::string_view gbnf;
  Texts accepted, rejected;
};

const std::vector<GbnfCase> kCases{
    {R"(root ::= "abc")", {"abc"}, {"", "ab", "abcd", "abd"}},
    {R"(root ::= "")", {""}, {"a"}},
    {"root ::= \"a\" | \"bc\" |\n  \"d\"", {"a", "bc", "d"}, {"", "b", "abc"}},
    {"root ::= \"a\"\n  | \"b\"\n\n# note\n  | \"c\"", {"a", "b", "c"}, {"", "ab"}},
    {"root ::= \"a\" | ", {"a", ""}, {"b"}},
    {R"(root ::= "a"*)", {"", "a", "aaaa"}, {"b", "ab"}},
    {R"(root ::= "ab"+)", {"ab", "abab"}, {"", "a", "aba"}},
    {R"(root ::= "a"? "b")", {"b", "ab"}, {"a", "aab"}},
    {R"(root ::= "a"{3})", {"aaa"}, {"", "aa", "aaaa"}},
    {R"(root ::= "a"{2,})", {"aa", "aaaaa"}, {"", "a"}},
    {R"(root ::= "a"{ 1 , 3 })", {"a", "aa", "aaa"}, {"", "aaaa"}},
    {R"(root ::= "a"{,2} "b")", {"b", "ab", "aab"}, {"aaab"}},
    {R"(root ::= "a"{0} "b")", {"b"}, {"ab"}},
    {R"(root ::= ("a" "b")*)", {"", "ab", "abab"}, {"a", "aba"}},
    {R"(root ::= ("a"? "b"?)* "c")", {"c", "ac", "bac", "abbac"}, {"", "ca"}},
    {R"(root ::= (("a"*)*)+)", {"", "aaa"}, {"b"}},
    {R"(root ::= "a"**)", {"", "aaa"}, {"b"}},
    {"root ::= (\n  \"a\" # one\n  | \"b\"\n) \"c\"", {"ac", "bc"}, {"c", "a"}},
    {R"(root ::= [a-cx]+)", {"abcx"}, {"d", "", "a-"}},
    {R"(root ::= [a-]+)", {"a-", "-"}, {"b"}},
    {R"(root ::= [^a-c]+)", {"d", "\n", "\u00e9\U0001F600"}, {"a", "\xe9", "\xc3", "\xed\xa0\x80"}},
    {R"(root ::= [\]\[\\\-]+)", {"][\\-"}, {"a"}},
    {R"(root ::= [\x41-\x43\u00e9\U0001F600]+)", {"ABC\u00e9\U0001F600"}, {"D", "\u00e8"}},
    {R"(root ::= "\x41\u00e9\U0001F600\t\n\r\\\"")", {"A\u00e9\U0001F600\t\n\r\\\""}, {"A"}},
    {"root ::= .", {"a", "\n", "\u00e9", "\U0010FFFF"}, {"", "ab", "\x80", "\xf4\x90\x80\x80"}},
    {"root ::= [\u3041-\u309f]+", {"\u3042\u3044"}, {"\u30a2", "a"}},
    {"root ::= a-b c_d Ef9\na-b ::= \"1\"\nc_d ::= \"2\"\nEf9 ::= \"3\"", {"123"}, {"12"}},
    {"root::=\"a\"b\r\nb::=[0-9]\r\n", {"a1"}, {"a"}},
    {"# only\nroot ::= \"a\" # end", {"a"}, {""}},
    // Recursion: to the right without end, in the middle as deep as the stack.
    {"root ::= \"a\" root | \"b\"", {"b", "ab", "aaaaaab"}, {"a", "ba"}},
    {"root ::= \"(\" root \")\" | \"x\"", {"x", "((x))"}, {"((x)", "(x))", "()"}},
    {"root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"\"",
     {"", "ab", "aabc", "aacb"},
     {"aab", "abb"}},
    {"root ::= e\ne ::= t (\"+\" t)*\nt ::= f (\"*\" f)*\nf ::= [0-9]+ | \"(\" e \")\"",
     {"1", "1+2*3", "(1+2)*(3)", "((((12))))"},
     {"", "1+", "(1", "1)"}},
    {"root ::= a a\na ::= b?\nb ::= \"x\" \"y\" \"z\" \"x\" \"y\" \"z\" \"x\" \"y\" \"z\" \"x\" "
     "\"y\" \"z\" \"x\" "
     "\"y\" \"z\" \"x\" \"y\" \"z\" \"x\" \"y\" \"z\" \"x\" \"y\" \"z\" \"x\" \"y\" \"z\"",
     {"", "xyzxyzxyzxyzxyzxyzxyzxyzxyz"},
     {"x"}},
};

TEST_CASE("GBNF grammars accept and reject what they say") {
  for (const GbnfCase& c : kCases) {
    CAPTURE(c.gbnf);
    check_texts(Grammar::parse_gbnf(c.gbnf), c.accepted, c.rejected);
  }
}

struct BadGbnf {
  std::string_view gbnf, message;
};

const std::vector<BadGbnf> kBadGbnfs{
    {"", "there is no rule named root"},
    {"a ::= \"x\"", "there is no rule named root"},
    {"root ::= b", "line 1, column 10: the rule b is not defined"},
    {"root ::= \"a\"\nroot ::= \"b\"", "line 2, column 1: the rule root is defined twice"},
    {"root = \"a\"", "line 1, column 6: expected \"::=\", found '='"},
    {"\n  ::= \"a\"", "line 2, column 3: expected the name of a rule, found ':'"},
    {"root ::= \"a", "line 1, column 10: expected a closing '\"'"},
    {"root ::= [a", "line 1, column 10: expected a closing ']'"},
    {"root ::= (\"a\"\n\"b\"", "line 1, column 10: expected a closing ')'"},
    {"root ::= \"\u00e9\" )", "line 1, column 14: expected a symbol or '|', found ')'"},
    {"root ::= (\"a\" ;)", "expected a symbol, '|' or ')', found ';'"},
    {"root ::= *", "line 1, column 10: expected a symbol before the repetition, found '*'"},
    {"root ::= \"a\" | +", "expected a symbol before the repetition"},
    {"root ::= \"a\"{", "expected a number, found the end of the text"},
    {"root ::= \"a\"{1", "expected '}', found the end of the text"},
    {"root ::= \"a\"{1;2}", "expected '}', found ';'"},
    {"root ::= \"a\"{,}", "expected a number, found '}'"},
    {"root ::= \"a\"{3,2}", "the repetition's minimum exceeds its maximum"},
    {"root ::= \"a\"{10001}", "a repetition over 10000"},
    {"root ::= \"a\"{99999999999999999999}", "a repetition over 10000"},
    {"root ::= (\"a\"{200}){200}", "nested repetitions make 40000 copies"},
    {"root ::= [b-a]", "line 1, column 11: the range ends before it begins"},
    {"root ::= \"\\q\"", "line 1, column 12: expected an escape"},
    {"root ::= \"\\x4\"", "expected 2 hexadecimal digits, found '\"'"},
    {"root ::= \"\\ud800\"", "U+D800 is no character"},
    {"root ::= \"\\U00110000\"", "U+110000 is no character"},
    {"root ::= \"\xff\"", "line 1, column 11: not UTF-8"},
    {"root ::= <think>", "token references are not supported"},
    {"root ::= root \"a\" | \"b\"", "left recursion: root -> root"},
    {"root ::= a\na ::= b \"x\" | \"y\"\nb ::= \"\" a", "left recursion: a -> b -> a"},
    {"root ::= n root \"a\" | \"b\"\nn ::= \"x\"?", "left recursion: root -> root"},
    {"root ::= \"x\" root", "no text can ever complete the rule root"},
    {"root ::= []", "no text can ever complete the rule root"},
};

TEST_CASE("Errors in GBNF say where, what was expected and what was found") {
  for (const BadGbnf& c : kBadGbnfs) {
    CAPTURE(c.gbnf);
    const auto grammar = Grammar::parse_gbnf(c.gbnf);
    REQUIRE_FALSE(grammar.ok());
    CHECK(grammar.status().code() == Code::kInvalidArgument);
    const std::string message(grammar.status().message());
    CAPTURE(message);
    CHECK(message.find(c.message) != std::string::npos);
  }
}

std::string message_of(const std::string& gbnf) {
  const auto grammar = Grammar::parse_gbnf(gbnf, Limits{.max_compile_us = 60'000'000});
  return grammar.ok() ? "" : std::string(grammar.status().message());
}

TEST_CASE("Hostile GBNF ends in an error") {
  const auto contains = [](const std::string& message, std::string_view part) {
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
  };
  contains(message_of("root ::= " + repeated("(", 60'000) + repeated(")", 60'000)),
           "parentheses nest deeper than 64");
  contains(message_of("root ::= " + repeated("\"\" ", 20'000) + "\"a\""), "too ambiguous");
  contains(message_of("root ::= " + repeated("(", 60'000)), "parentheses nest deeper than 64");
  contains(message_of(repeated("x", 2 << 20)), "bytes, at most");
  std::string rules = "root ::= \"a\"\n";
  for (int i = 0; i < 5000; ++i) rules += "r" + std::to_string(i) + " ::= \"a\"\n";
  contains(message_of(rules), "more than 4096 rules");
  std::string chain = "root ::= r0\n";
  for (int i = 0; i < 4000; ++i) {
    chain += "r" + std::to_string(i) + " ::= r" + std::to_string(i + 1) + " \"a\"\n";
  }
  contains(message_of(chain + "r4000 ::= r0 \"b\"\n"), "left recursion: r0 -> r1");
  contains(message_of("root ::= " + repeated(".{10000} ", 40)), "needs more than");
  contains(message_of("root ::= \"\"" + repeated("{10}", 5)), "nested repetitions make");
}

TEST_CASE("A long compilation ends by the time it took of a CPU, whatever else the machine does") {
  class SteppingClock final : public Clock {
   public:
    int64_t monotonic_us() const override { return 0; }
    int64_t unix_us() const override { return 0; }
    int64_t thread_cpu_us() const override { return now_us_ += 60'000; }

   private:
    mutable int64_t now_us_ = 0;
  };
  class BusyMachine final : public Clock {
   public:
    int64_t monotonic_us() const override { return now_us_ += 60'000; }
    int64_t unix_us() const override { return 0; }
    int64_t thread_cpu_us() const override { return 0; }

   private:
    mutable int64_t now_us_ = 0;
  };
  const SteppingClock clock;
  const auto grammar =
      Grammar::parse_gbnf("root ::= " + repeated("\"a\" ", 2000), Limits{.clock = &clock});
  REQUIRE_FALSE(grammar.ok());
  CHECK(grammar.status().message() == "grammar: takes too long to compile");
  const BusyMachine busy;
  CHECK(Grammar::parse_gbnf("root ::= " + repeated("\"a\" ", 2000), Limits{.clock = &busy}).ok());
}

TEST_CASE("Long repetitions of quantifiers are no deep recursion") {
  const auto grammar = Grammar::parse_gbnf("root ::= \"a\"" + repeated("*", 60'000));
  REQUIRE(grammar.ok());
  CHECK(matches(*grammar, "aaa"));
}

TEST_CASE("A matcher goes on by pieces, dies without harm and is copied") {
  const auto grammar = Grammar::parse_gbnf("root ::= \"[\" (root (\",\" root)*)? \"]\"");
  REQUIRE(grammar.ok());
  Matcher matcher = grammar->matcher();
  CHECK_FALSE(matcher.can_end());
  CHECK(matcher.accept(""));
  CHECK(matcher.accept("[[]"));
  const Matcher before = matcher;
  CHECK(matcher.accept("]"));
  CHECK(matcher.must_end());
  CHECK_FALSE(matcher.accept("]"));
  CHECK(matcher.is_dead());
  CHECK_FALSE(matcher.accept("[]"));
  CHECK_FALSE(matcher.accept(""));
  matcher = before;
  CHECK(matcher.accept(",[],[]]"));
  CHECK(matcher.can_end());
}

TEST_CASE("A stack grows up to its limit; right recursion needs none") {
  const auto nested = Grammar::parse_gbnf("root ::= \"(\" root \")\" | \"x\"");
  REQUIRE(nested.ok());
  Matcher matcher = nested->matcher();
  CHECK(matcher.accept(repeated("(", 1024) + "x" + repeated(")", 1024)));
  CHECK(matcher.must_end());
  CHECK_FALSE(nested->matcher().accept(repeated("(", 1026)));

  const auto right = Grammar::parse_gbnf("root ::= \"a\" (\"b\" root)?");
  REQUIRE(right.ok());
  CHECK(matches(*right, repeated("ab", 10'000) + "a"));
}

}  // namespace
}  // namespace samovar::grammar
