#include "api/answer_constraint.h"

#include "json/json.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

// The grammar of a request's answer, or the member that is wrong.
struct Constraint {
  std::optional<grammar::Grammar> grammar;
  std::string param;
  bool takes(std::string_view text) const {
    grammar::Matcher matcher = grammar->matcher();
    matcher.accept(text);
    return matcher.can_end();
  }
};

Constraint constrain(std::string_view body, const ChatFormat& format = {}, bool may_think = true) {
  const json::Value value = *json::parse(body);
  Fields fields(value);
  const ToolWish tools = read_tools(fields);
  GrammarCache cache;
  const auto document = read_document(fields);
  Constraint out{
      .grammar = constrain_answer(
          fields, format, {.document = document, .tools = tools, .may_think = may_think}, cache)};
  if (fields.error()) out.param = fields.error()->param;
  return out;
}

constexpr std::string_view kTools = R"("tools": [{"type": "function", "function": {"name": "f",
  "parameters": {"properties": {"n": {"type": "integer"}}, "required": ["n"]}}}])";

std::string with_tools(std::string_view more) {
  return "{" + std::string(kTools) + std::string(more) + "}";
}

std::string call(std::string_view arguments) {
  return "<tool_call>\n{\"name\": \"f\", \"arguments\": " + std::string(arguments) +
         "}\n</tool_call>";
}

TEST_CASE("a chat that asks for nothing is free") {
  CHECK_FALSE(constrain("{}").grammar.has_value());
  CHECK_FALSE(constrain(with_tools(R"(, "tool_choice": "none")")).grammar.has_value());
}

TEST_CASE("tools: text or calls, or calls alone, several or one") {
  const Constraint likes = constrain(with_tools(""));
  CHECK(likes.takes("Hello."));
  CHECK(likes.takes(call("{\"n\": 1}") + "\n" + call("{\"n\": 2}")));
  CHECK_FALSE(likes.takes(call("{}")));
  const Constraint must =
      constrain(with_tools(R"(, "tool_choice": "required", "parallel_tool_calls": false)"));
  CHECK_FALSE(must.takes("Hello."));
  CHECK(must.takes(call("{\"n\": 1}")));
  CHECK_FALSE(must.takes(call("{\"n\": 1}") + "\n" + call("{\"n\": 2}")));
}

TEST_CASE("a document stands in place of text, and both come behind a thought") {
  ChatFormat thinks;
  thinks.thoughts = {"<think>", "</think>"};
  const Constraint both =
      constrain(with_tools(R"(, "response_format": {"type": "json_object"})"), thinks);
  CHECK(both.takes("{\"a\": 1}"));
  CHECK(both.takes(call("{\"n\": 1}")));
  CHECK(both.takes("<think>hm</think>\n{}"));
  CHECK_FALSE(both.takes("Hello."));
  const Constraint at_once =
      constrain(R"({"response_format": {"type": "json_object"}})", thinks, false);
  CHECK(at_once.takes("{\"a\": 1}"));
  CHECK_FALSE(at_once.takes("<think>hm</think>\n{}"));
}

TEST_CASE("what is wrong is refused by its name") {
  CHECK(constrain(with_tools(R"(, "grammar": "root ::= \"a\"")")).param == "grammar");
  CHECK(constrain(R"({"grammar": "root := oops"})").param == "grammar");
  CHECK(constrain(R"({"json_schema": {"type": "nothing"}})").param == "json_schema");
  CHECK(constrain(R"({"tools": [{"function": {"name": "f", "parameters":
                     {"properties": {"a": {"type": "nothing"}}}}}]})")
            .param == "tools[0].function.parameters");
}

}  // namespace
}  // namespace samovar::api
