#include "api/tool_fields.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

// What is read, or "PARAM: MESSAGE".
struct ReadTools {
  ToolWish wish;
  std::string error;
};

ReadTools read_tools_of(std::string_view body) {
  const json::Value value = *json::parse(body);
  Fields fields(value);
  ReadTools out{.wish = read_tools(fields)};
  if (fields.error()) out.error = fields.error()->param + ": " + fields.error()->message;
  return out;
}

constexpr std::string_view kTools = R"("tools": [
  {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}},
  {"type": "function", "function": {"name": "g"}}])";

std::string with_tools(std::string_view more) {
  return "{" + std::string(kTools) + std::string(more) + "}";
}

TEST_CASE("Without tools there is nothing to call") {
  for (const char* body : {"{}", R"({"tools": []})", R"({"tools": null, "tool_choice": "auto"})",
                           R"({"tool_choice": "none"})"}) {
    CAPTURE(body);
    const ReadTools none = read_tools_of(body);
    CHECK(none.error == "");
    CHECK(none.wish.shown.is_null());
    CHECK(none.wish.callable.empty());
  }
}

TEST_CASE("Tools may be called as the model likes, one must be, a certain one, or none") {
  const ReadTools as_it_likes = read_tools_of(with_tools(""));
  CHECK(as_it_likes.error == "");
  CHECK(as_it_likes.wish.callable.size() == 2);
  CHECK(as_it_likes.wish.shown.size() == 2);
  CHECK_FALSE(as_it_likes.wish.must_call);
  CHECK(as_it_likes.wish.parallel);
  CHECK(read_tools_of(with_tools(R"(, "tool_choice": "required")")).wish.must_call);
  const ReadTools one =
      read_tools_of(with_tools(R"(, "tool_choice": {"type": "function", "function": {"name": "g"}},
                         "parallel_tool_calls": false)"));
  CHECK(one.wish.must_call);
  CHECK_FALSE(one.wish.parallel);
  REQUIRE(one.wish.callable.size() == 1);
  CHECK(one.wish.callable[0].name == "g");
  CHECK(one.wish.shown.size() == 2);
  const ReadTools none = read_tools_of(with_tools(R"(, "tool_choice": "none")"));
  CHECK(none.wish.callable.empty());
  CHECK(none.wish.shown.is_null());
}

TEST_CASE("A tool without parameters takes an empty object, and any schema is one of an object") {
  const ReadTools both = read_tools_of(with_tools(""));
  CHECK(json::dump(both.wish.callable[0].parameters) == R"({"type":"object"})");
  CHECK(json::dump(both.wish.callable[1].parameters) == R"({"type":"object","properties":{}})");
  const ReadTools typed =
      read_tools_of(R"({"tools": [{"type": "function", "function": {"name": "f", "parameters":
              {"properties": {"a": {}}}}}]})");
  CHECK(typed.wish.callable[0].parameters["type"] == "object");
}

TEST_CASE("Functions are tools as clients of 2023 have them") {
  const ReadTools old =
      read_tools_of(R"({"functions": [{"name": "f"}], "function_call": {"name": "f"}})");
  CHECK(old.error == "");
  CHECK(old.wish.must_call);
  CHECK(json::dump(old.wish.shown) == R"([{"type":"function","function":{"name":"f"}}])");
}

TEST_CASE("What is wrong with tools is said with its place") {
  struct Case {
    std::string body, error;
  };
  const Case cases[] = {
      {R"({"tools": 1})", "tools: `tools` must be an array, not number"},
      {R"({"tools": [1]})", "tools[0]: `tools[0]` must be an object, not number"},
      {R"({"tools": [{}]})", "tools[0].function: `tools[0].function` is missing"},
      {R"({"tools": [{"type": "x"}]})",
       "tools[0].type: `tools[0].type` must be \"function\", not \"x\""},
      {R"({"tools": [{"function": {"name": "a b"}}]})",
       "tools[0].function.name: `tools[0].function.name` must be 1 to 64 letters, digits, `_`, "
       "`-` or `.`, not \"a b\""},
      {R"({"tools": [{"function": {"name": "f"}}, {"function": {"name": "f"}}]})",
       "tools[1]: `tools[1]`: two tools have the name \"f\""},
      {R"({"tools": [{"function": {"name": "f", "parameters": []}}]})",
       "tools[0].function.parameters: `tools[0].function.parameters` must be a JSON schema (an "
       "object), not array"},
      {R"({"tools": [{"function": {"name": "f", "parameters": {"type": "string"}}}]})",
       "tools[0].function.parameters: `tools[0].function.parameters` must have the type "
       "\"object\", not \"string\""},
      {with_tools(R"(, "tool_choice": "some")"),
       "tool_choice: `tool_choice` must be \"none\", \"auto\", \"required\" or name a function, "
       "not \"some\""},
      {with_tools(R"(, "tool_choice": {"type": "function", "function": {"name": "h"}})"),
       "tool_choice: `tool_choice`: there is no tool \"h\" in `tools`"},
      {with_tools(R"(, "tool_choice": {"type": "allowed_tools"})"),
       "tool_choice.type: `tool_choice.type` must be \"function\", not \"allowed_tools\""},
      {R"({"tool_choice": "required"})",
       "tool_choice: `tool_choice` is \"required\", but there are no `tools`"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.body);
    CHECK(read_tools_of(c.body).error == c.error);
  }
  std::string many = R"({"tools": [)";
  for (int i = 0; i < 129; ++i) many += i == 0 ? "{}" : ", {}";
  CHECK(read_tools_of(many + "]}").error == "tools: `tools` holds 129 tools, the limit is 128");
}

}  // namespace
}  // namespace samovar::api
