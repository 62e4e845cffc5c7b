#include "api/fields.h"

#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

json::Value object(const char* text) {
  auto parsed = json::parse(text);
  REQUIRE(parsed.ok());
  return *parsed;
}

TEST_CASE("members are read with defaults; null is absent, 8.0 is an integer") {
  const json::Value body =
      object(R"({"a": 8.0, "b": null, "c": 0.5, "d": true, "e": "x", "f": ["y"]})");
  Fields fields(body);
  CHECK(fields.integer("a", 1, 0, 10) == 8);
  CHECK(fields.integer("b", 7, 0, 10) == 7);
  CHECK(fields.number("c", 1, 0, 1) == 0.5);
  CHECK(fields.boolean("d", false));
  CHECK(fields.string("e", "") == "x");
  CHECK(fields.strings("e") == std::vector<std::string>{"x"});
  CHECK(fields.strings("f") == std::vector<std::string>{"y"});
  CHECK_FALSE(fields.error());
}

TEST_CASE("each wrong member is refused with its path, its bounds and what was found") {
  struct Case {
    const char* body;
    const char* code;
    const char* part_of_message;
  };
  for (const Case& c :
       {Case{R"({"x": "8"})", "invalid_type", "must be an integer, not string"},
        Case{R"({"x": 8.5})", "invalid_type", "must be an integer"},
        Case{R"({"x": 1e300})", "invalid_type", "must be an integer"},
        Case{R"({"x": true})", "invalid_type", "not boolean"},
        Case{R"({"x": 18446744073709551615})", "invalid_type", "must be an integer"},
        Case{R"({"x": -1})", "integer_below_min_value", "at least 0, not -1"},
        Case{R"({"x": 11})", "integer_above_max_value", "at most 10, not 11"}}) {
    CAPTURE(c.body);
    const json::Value body = object(c.body);
    Fields fields(body, "outer.");
    CHECK(fields.integer("x", 3, 0, 10) == 3);
    REQUIRE(fields.error());
    CHECK(fields.error()->param == "outer.x");
    CHECK(fields.error()->code == c.code);
    CHECK(fields.error()->message.find(c.part_of_message) != std::string::npos);
  }
}

TEST_CASE("clamping moves a value to the nearest bound") {
  const json::Value body = object(R"({"p": 3, "k": -5})");
  Fields fields(body);
  CHECK(fields.number("p", 0, 0, 1, Range::kClamp) == 1);
  CHECK(fields.integer("k", 0, 0, 9, Range::kClamp) == 0);
  CHECK_FALSE(fields.error());
}

TEST_CASE("the first problem is the one that is told") {
  const json::Value body = object(R"({"a": "x", "b": "y", "s": [1]})");
  Fields fields(body);
  fields.strings("s");
  fields.integer("a", 0, 0, 1);
  CHECK(fields.error()->param == "s[0]");
}

TEST_CASE("a member's problem is its owner's, named by the whole path") {
  const json::Value body = object(R"({"outer": {"inner": {"n": "x"}}, "late": 1})");
  Fields fields(body);
  Fields outer(fields, "outer", body["outer"]);
  Fields inner(outer, "inner", body["outer"]["inner"]);
  inner.integer("n", 0, 0, 1);
  inner.fail_missing("m");
  fields.string("late", "");
  CHECK(fields.error()->param == "outer.inner.n");
  CHECK(outer.error()->param == "outer.inner.n");

  Fields again(body);
  Fields(again, "outer", body["outer"]).fail_missing("name");
  CHECK(again.error()->message == "`outer.name` is missing");
  CHECK(again.error()->code == "missing_required_parameter");
}

}  // namespace
}  // namespace samovar::api
