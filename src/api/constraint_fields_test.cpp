#include "api/constraint_fields.h"

#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

struct ReadConstraint {
  std::optional<grammar::Grammar> grammar;
  std::optional<ApiError> error;
  bool allows(std::string_view text) const {
    auto matcher = grammar->matcher();
    return matcher.accept(text) && matcher.can_end();
  }
};

ReadConstraint read_constraint_of(const char* body) {
  const auto object = json::parse(body);
  REQUIRE(object.ok());
  Fields fields(*object);
  GrammarCache cache;
  auto grammar = read_constraint(fields, cache);
  return {std::move(grammar), fields.error()};
}

TEST_CASE("nothing asked, nothing constrained") {
  for (const char* body :
       {"{}", R"({"grammar": ""})", R"({"grammar": null, "json_schema": null})",
        R"({"response_format": {"type": "text"}})", R"({"response_format": {}})"}) {
    CAPTURE(body);
    const ReadConstraint got = read_constraint_of(body);
    CHECK_FALSE(got.grammar);
    CHECK_FALSE(got.error);
  }
}

TEST_CASE("each way to ask gives its grammar") {
  CHECK(read_constraint_of(R"({"grammar": "root ::= \"yes\" | \"no\""})").allows("no"));
  CHECK(read_constraint_of(R"({"json_schema": {"type": "integer"}})").allows("42"));
  CHECK(read_constraint_of(R"({"json_schema": {}})").allows("{}"));
  CHECK_FALSE(read_constraint_of(R"({"json_schema": {}})").allows("[]"));
  CHECK(read_constraint_of(R"({"response_format": {"type": "json_object"}})").allows(R"({"a":1})"));
  CHECK(read_constraint_of(
            R"({"response_format": {"type": "json_object", "schema": {"type": "boolean"}}})")
            .allows("true"));
  CHECK(read_constraint_of(R"({"response_format": {"type": "json_schema",
                "json_schema": {"name": "x", "schema": {"enum": ["a", "b"]}}}})")
            .allows(R"("b")"));
}

TEST_CASE("what is wrong is said with its member") {
  const auto param = [](const char* body) {
    return read_constraint_of(body).error.value_or(ApiError{}).param;
  };
  CHECK(param(R"({"grammar": "root := x"})") == "grammar");
  CHECK(param(R"({"grammar": 5})") == "grammar");
  CHECK(param(R"({"grammar": "root ::= \"a\"", "json_schema": {}})") == "grammar");
  CHECK(param(R"({"json_schema": {"type": "nothing"}})") == "json_schema");
  CHECK(param(R"({"json_schema": 3})") == "json_schema");
  CHECK(param(R"({"response_format": "json"})") == "response_format");
  CHECK(param(R"({"response_format": {"type": "yaml"}})") == "response_format.type");
  CHECK(param(R"({"response_format": {"type": "json_schema", "json_schema": {"schema": 1}}})") ==
        "response_format");
}

}  // namespace
}  // namespace samovar::api
