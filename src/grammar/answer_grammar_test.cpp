#include "grammar/answer_grammar.h"

#include "grammar/grammar_test_support.h"
#include "json/json.h"

#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::grammar {
namespace {

const Limits kLimits{.max_compile_us = 60'000'000};  // sanitizers are slow

const AnswerForm kTagged{.calls_open = "<tool_call>\n",
                         .calls_between = "\n</tool_call>\n<tool_call>\n",
                         .calls_close = "\n</tool_call>",
                         .marker = "<tool_call>",
                         .max_calls = 3};

json::Value parsed(std::string_view text) {
  return *json::parse(text);
}

// Of two tools: "add" takes an integer, "now" nothing.
AnswerGrammar with_calls(bool bare = false) {
  AnswerGrammar out(kLimits);
  const auto add = [&](const std::string& name, std::string_view schema) {
    const std::string lead = "{\"name\": \"" + name + "\"";
    const std::vector<BareCallText> spellings = {{lead, {", \"arguments\": ", "}"}},
                                                 {"```" + lead, {", \"arguments\": ", "}```"}}};
    const Status status =
        out.add_call({lead + ", \"arguments\": ", "}"}, parsed(schema),
                     bare ? std::span(spellings) : std::span<const BareCallText>());
    REQUIRE(status.ok());
  };
  add("add", R"({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]})");
  add("now", R"({"type": "object", "properties": {}})");
  return out;
}

constexpr std::string_view kAdd = "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"n\": 7}}";
constexpr std::string_view kNow = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}";
constexpr std::string_view kEnd = "\n</tool_call>";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

TEST_CASE("Text before a call is free, a call is not") {
  const std::string one = joined({kAdd, kEnd});
  const std::string three = joined({kAdd, kEnd, "\n", kNow, kEnd, "\n", kAdd, kEnd});
  const std::string behind_text = joined({"Let me <tool see <<", one});
  check_texts(
      with_calls().compile(kTagged),
      {"", "Hello.", "a < b <tool_cal> \u00fc", one, three, behind_text},
      {kAdd, "<tool_call>", "x<tool_call>{", joined({one, " done"}), joined({three, "\n", one}),
       "<tool_call>\n{\"name\": \"other\", \"arguments\": {}}\n</tool_call>",
       "<tool_call>\n{\"name\": \"add\", \"arguments\": {}}\n</tool_call>",
       "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"n\": \"7\"}}\n</tool_call>", "\x80"});
}

TEST_CASE("Where there must be a call there is nothing else") {
  AnswerForm form = kTagged;
  form.must_call = true;
  form.max_calls = 1;
  const auto grammar = with_calls().compile(form);
  const std::string one = joined({kAdd, kEnd});
  check_texts(grammar, {one}, {"", "Hello.", joined({" ", one}), joined({one, "\n", one})});
  Matcher matcher = grammar->matcher();
  matcher.accept(one);
  CHECK(matcher.must_end());
}

TEST_CASE("A bare call is the whole answer, beside calls behind a marker") {
  const std::string bare = R"({"name": "add", "arguments": {"n": 7}})";
  check_texts(
      with_calls(true).compile(kTagged),
      {bare, joined({" \n", bare}), joined({"```", bare, "```"}), joined({kNow, kEnd}),
       joined({"Hm.", kNow, kEnd}), "", "{ <tool {\"name\": \"x\"}", joined({"{\"na", kNow, kEnd}),
       "{\"name\": \"x\"}", "{\"name\": \"adder", joined({"Use ", bare, " <"})},
      {joined({bare, " "}), joined({bare, kNow, kEnd}), joined({"```", bare}),
       "{\"name\": \"add\"}", "{\"names<tool_call>"});
}

TEST_CASE("Where calls have no marker they stand at the beginning of an answer only") {
  AnswerGrammar calls(kLimits);
  const std::vector<BareCallText> bare = {{R"({"name": "now")", {R"(, "parameters": )", "}"}}};
  REQUIRE(calls
              .add_call({R"({"name": "now", "parameters": )", "}"}, parsed(R"({"type": "object"})"),
                        bare)
              .ok());
  check_texts(
      calls.compile({}),
      {R"({"name": "now", "parameters": {"a": 1}})", R"({"names": []})", " {\"name\" : 1}", "{",
       "Say {\"name\": \"now\"}", "\n {\"name\": \"now\", \"parameters\": {}}"},
      {R"({"name": "now"})", R"({"name": "now", "parameters": 1})", "  {\"name\": \"now\" "});
}

TEST_CASE("A document may stand in place of calls") {
  AnswerGrammar both = with_calls();
  REQUIRE(both.set_schema(parsed(R"({"type": "array", "items": {"type": "integer"}})")).ok());
  check_texts(both.compile(kTagged), {"[1, 2]", joined({kNow, kEnd})}, {"Hello.", "[1", kNow});
}

TEST_CASE("Calls and documents come behind a thought, which may hold anything") {
  AnswerForm form = kTagged;
  form.must_call = true;
  form.thought_open = "<think>";
  form.thought_close = "</think>";
  const std::string call = joined({kNow, kEnd});
  const std::string thought = "<think>\nMaybe <tool_call>{? </thin\n</think>\n\n";
  const auto grammar = with_calls().compile(form);
  check_texts(grammar, {call, joined({thought, call})}, {thought, "<think>no", "<think>no" + call});
  check_texts(grammar->behind("<think>"), {joined({"\nYes.</think>", call})}, {call, "Yes."});

  AnswerGrammar document(kLimits);
  REQUIRE(document.set_gbnf("root ::= \"yes\" | \"no\"").ok());
  check_texts(document.compile({.thought_open = "<think>", .thought_close = "</think>"}),
              {"yes", "<think>yes</think>\nno"}, {"", "<think>yes</think>", "maybe"});
}

TEST_CASE("A tag inside the text that looks like the marker's beginning does not confuse it") {
  AnswerForm form = kTagged;
  form.marker = "aab";
  form.calls_open = "aab";
  form.calls_between = ",";
  form.calls_close = ".";
  check_texts(with_calls().compile(form),
              {"aaaab{\"name\": \"now\", \"arguments\": {}}.", "aaaa", "abab", "aacaa"},
              {"aab", "aaaab", "caab."});
}

TEST_CASE("Each further call may take more time, a single one may not") {
  std::string list = R"({"enum": [0)";
  for (int i = 1; i < 1000; ++i) list += "," + std::to_string(i);
  const json::Value schema = parsed(list + "]}");
  FakeClock clock;
  const Limits limits{.max_compile_us = 100, .more_compile_us = 50, .clock = &clock};
  AnswerGrammar one(limits);
  AnswerGrammar two(limits);
  REQUIRE(two.add_call({"a", "b"}, parsed("{}")).ok());
  clock.advance_us(120);
  CHECK(one.add_call({"a", "b"}, schema).message() == "grammar: takes too long to compile");
  CHECK(two.add_call({"c", "d"}, schema).ok());
  clock.advance_us(50);
  CHECK_FALSE(two.compile({.calls_open = "(", .calls_close = ")", .must_call = true}).ok());
}

TEST_CASE("What is wrong with a schema is said, and too much of them is refused") {
  AnswerGrammar bad(kLimits);
  const Status status = bad.add_call({"a", "b"}, parsed(R"({"type": "nothing"})"));
  CHECK(status.message() == "JSON Schema: #: unknown type \"nothing\"");

  AnswerGrammar never(kLimits);
  REQUIRE(never.add_call({"a", "b"}, parsed(R"({"enum": []})")).ok());
  const auto grammar = never.compile({.calls_open = "(", .calls_close = ")", .must_call = true});
  CHECK(grammar.status().message() == "JSON Schema: #: no value is left");

  AnswerGrammar many({.max_nodes = 1000, .max_compile_us = 60'000'000});
  Status full;
  for (int i = 0; i < 100 && full.ok(); ++i) {
    full = many.add_call({"a", "b"}, parsed(R"({"type": "object"})"));
  }
  CHECK(full.message() == "the schemas are too large together");
}

}  // namespace
}  // namespace samovar::grammar
