#include "base/rng.h"
#include "grammar/grammar_test_support.h"
#include "json/json.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::grammar {
namespace {

constexpr int64_t kLongUs = 60'000'000;  // sanitizers are slow

Result<Grammar> compile(std::string_view schema, const SchemaOptions& options = {}) {
  const auto value = json::parse(schema);
  REQUIRE_MESSAGE(value.ok(), std::string(value.status().message()));
  return Grammar::from_json_schema(*value, options, Limits{.max_compile_us = kLongUs});
}

struct SchemaCase {
  std::string_view schema;
  Texts accepted, rejected;
};

void check(const std::vector<SchemaCase>& cases) {
  for (const SchemaCase& c : cases) {
    CAPTURE(c.schema);
    check_texts(compile(c.schema), c.accepted, c.rejected);
    for (const std::string_view text : c.accepted) CHECK(json::parse(text).ok());
  }
}

TEST_CASE("Schemas of single values") {
  check({
      {R"({})",
       {"1", "\"a\"", "{}", "[1, {\"a\": [null]}]", "-0.5e-3", "true"},
       {"", "01", "[1,]", "nul", "\"\n\""}},
      {R"(true)", {"1", "{}"}, {"x"}},
      {R"({"type": "null"})", {"null"}, {"0", "nulll"}},
      {R"({"type": "boolean"})", {"true", "false"}, {"1"}},
      {R"({"type": "integer"})",
       {"0", "-1", "123456789012345678"},
       {"1.0", "01", "1e3", "1234567890123456789", "-"}},
      {R"({"type": "number"})",
       {"0", "-1.5", "1e5", "1.25E-10", "3"},
       {"1.", ".5", "1e", "1e100", "+1"}},
      {R"({"type": "string"})",
       {R"("")", R"("a\n\u00e9 \"x\" \\")", "\"\u00e9\U0001F600\"", R"("\ud83d\ude00")"},
       {"\"a", "a", "\"\t\"", R"("\x")", R"("\u12")", R"("\ud83d")", R"("\ude00")", "\"\xff\""}},
      {R"({"type": ["string", "null"]})", {"\"a\"", "null"}, {"1"}},
      {R"({"type": ["integer", "boolean"]})", {"5", "true"}, {"1.5", "\"a\""}},
      {R"({"const": {"a": [1, "b"]}})", {R"({"a":[1,"b"]})"}, {"{}"}},
      {R"({"enum": ["red", 1, null, 2.5, "\u00e9\""]})",
       {"\"red\"", "1", "null", "2.5", "\"\u00e9\\\"\""},
       {"\"blue\"", "2"}},
      {R"({"type": "string", "enum": ["a", 1]})", {"\"a\""}, {"1"}},
      {R"({"enum": ["a", "b"], "const": "b"})", {"\"b\""}, {"\"a\""}},
      {R"({"anyOf": [{"type": "integer"}, {"const": "x"}]})", {"1", "\"x\""}, {"\"y\""}},
      {R"({"oneOf": [{"type": "null"}, {"type": "boolean"}]})", {"null", "true"}, {"1"}},
      {R"({"title": "t", "description": "d", "default": 1, "type": "integer"})", {"1"}, {"\"\""}},
  });
}

TEST_CASE("Schemas of strings") {
  check({
      {R"({"type": "string", "minLength": 2, "maxLength": 3})",
       {"\"ab\"", "\"\u00e9\u00e9\u00e9\"", R"("\n\"a")"},
       {"\"a\"", "\"abcd\"", "\"\""}},
      {R"({"minLength": 1})", {"\"a\"", "\"abc\""}, {"\"\"", "1"}},
      {R"({"type": "string", "maxLength": 0})", {"\"\""}, {"\"a\""}},
      {R"({"type": "string", "pattern": "^[a-c]+\\d{2,3}$"})",
       {"\"a12\"", "\"abc123\""},
       {"\"12\"", "\"a1\"", "\"a1234\""}},
      {R"({"type": "string", "pattern": "b"})",
       {"\"b\"", "\"abc\"", R"("\"b\n")"},
       {"\"a\"", "\"\""}},
      {R"({"type": "string", "pattern": "^a|b$"})", {"\"ax\"", "\"xb\""}, {"\"xa\"", "\"bx\""}},
      {R"({"type": "string", "pattern": "^(?:a|(b|c)?d)*?$"})",
       {"\"\"", "\"abdd\"", "\"cd\""},
       {"\"b\"", "\"c\""}},
      {R"({"type": "string", "pattern": "^[^a\\s\"]$"})",
       {"\"b\"", R"("\\")", "\"\u00e9\""},
       {"\"a\"", "\" \"", R"("\"")"}},
      {R"({"type": "string", "pattern": "^[\\n\\u0001\"/-]+$"})",
       {R"("\n\u0001\"/-")"},
       {R"("n")", R"("\t")"}},
      {R"({"type": "string", "pattern": "^\\u{1F600}\\x41\\.\\$.$"})",
       {"\"\U0001F600A.$x\""},
       {"\"\U0001F600A.$\"", "\"\U0001F600Ab$x\""}},
      {R"({"type": "string", "pattern": "^(?<year>\\d{4})-\\w\\W\\D\\S$"})",
       {"\"2024-_-x!\""},
       {"\"2024-_-1!\""}},
      {R"({"type": "string", "format": "date"})",
       {"\"2024-02-29\"", "\"1999-12-31\"", "\"2000-02-29\"", "\"2023-04-30\""},
       {"\"2023-02-29\"", "\"1900-02-29\"", "\"2024-02-30\"", "\"2023-04-31\"", "\"2023-13-01\"",
        "\"2023-00-10\"", "\"0000-01-01\""}},
      {R"({"type": "string", "format": "time"})",
       {"\"23:59:59Z\"", "\"00:00:00.123+02:00\""},
       {"\"24:00:00Z\"", "\"12:60:00Z\"", "\"12:00:00\""}},
      {R"({"type": "string", "format": "date-time"})",
       {"\"2024-02-29T12:00:00Z\""},
       {"\"2024-02-29 12:00:00Z\"", "\"2024-02-29\""}},
      {R"({"format": "uuid"})",
       {"\"123e4567-e89b-12d3-A456-426614174000\""},
       {"\"123e4567-e89b-12d3-a456-42661417400\""}},
  });
}

TEST_CASE("Schemas of arrays") {
  check({
      {R"({"type": "array"})", {"[]", "[1, \"a\"]", "[\n  1,\n  2\n]"}, {"[1", "[,]", "[1 2]"}},
      {R"({"type": "array", "items": {"type": "integer"}})",
       {"[]", "[1]", "[1,2, 3]"},
       {"[\"a\"]", "[1,]"}},
      {R"({"items": {"type": "integer"}, "minItems": 2, "maxItems": 3})",
       {"[1,2]", "[1,2,3]"},
       {"[]", "[1]", "[1,2,3,4]"}},
      {R"({"type": "array", "maxItems": 1})", {"[]", "[{}]"}, {"[1,2]"}},
      {R"({"type": "array", "maxItems": 0})", {"[]"}, {"[1]"}},
      {R"({"prefixItems": [{"type": "integer"}, {"type": "string"}]})",
       {"[1,\"a\"]"},
       {"[]", "[1]", "[\"a\",1]", "[1,\"a\",2]"}},
      {R"({"prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 0})",
       {"[]", "[1]", "[1, \"a\"]"},
       {"[\"a\"]", "[1,\"a\",2]"}},
      {R"({"prefixItems": [{"type": "integer"}], "items": {"type": "null"}, "minItems": 2, "maxItems": 3})",
       {"[1,null]", "[1,null,null]"},
       {"[1]", "[null]", "[1,null,null,null]"}},
      {R"({"prefixItems": [{"type": "integer"}, {"type": "null"}], "maxItems": 1})",
       {"[1]"},
       {"[]", "[1,null]"}},
      {R"({"items": [{"type": "integer"}], "additionalItems": {"type": "null"}})",
       {"[1]", "[1,null]"},
       {"[null]"}},
      {R"({"items": {"items": {"items": {"const": 1}}}})", {"[[[1],[]],[]]"}, {"[1]", "[[1]]"}},
  });
}

TEST_CASE("Schemas of objects") {
  check({
      {R"({"type": "object"})",
       {"{}", "{\"a\": 1, \"b\": {\"c\": []}}", "{\n    \"a\": 1\n}"},
       {"{", "{\"a\"}", "{a: 1}", "[]"}},
      {R"({"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a", "b"]})",
       {R"({"a":1,"b":"x"})", "{ \"a\": 1, \"b\": \"x\" }"},
       {"{}", R"({"a":1})", R"({"b":"x","a":1})", R"({"a":1,"b":"x","c":1})"}},
      {R"({"properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}}, "required": ["b"]})",
       {R"({"b":2})", R"({"a":1,"b":2})", R"({"b":2,"c":3})", R"({"a":1,"b":2,"c":3})"},
       {"{}", R"({"a":1})", R"({"a":1,"c":3})", R"({,"b":2})", R"({"b":2,})"}},
      {R"({"properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}}})",
       {"{}", R"({"a":1})", R"({"b":2})", R"({"c":3})", R"({"a":1,"c":3})", R"({"b":2,"c":3})",
        R"({"a":1,"b":2,"c":3})"},
       {R"({"c":3,"a":1})", R"({"a":1,})", R"({"d":1})"}},
      {R"({"properties": {"a": {"const": 1}}, "additionalProperties": {"type": "null"}})",
       {"{}", R"({"a":1})", R"({"x":null})", R"({"a":1,"x":null,"yy":null})",
        R"({"ab":null,"":null,"b\n":null})"},
       {R"({"a":null})", R"({"x":1})", R"({"\u0061":null})", R"({"x":null,"a":1})",
        R"({"x":null,"a":null})"}},
      {R"({"properties": {"a\"b": {"const": 1}, "a": {"const": 2}, "c\u0001": {"const": 3}}, "additionalProperties": true})",
       {R"({"a\"b":1,"a":2,"c\u0001":3,"ab":4})", R"({"ax\"":0})"},
       {R"({"a\"b":2})", R"({"c\u0002":3})", R"({"a\x":1})"}},
      {R"({"properties": {"a": true}, "additionalProperties": false, "required": ["a"]})",
       {R"({"a":[]})"},
       {"{}", R"({"b":1})"}},
      {R"({"type": "object", "required": ["id"]})",
       {R"({"id":1})", R"({"id":1,"x":2})"},
       {"{}", R"({"x":2})"}},
      {R"({"properties": {"a": {"const": 1}}, "required": ["b"], "additionalProperties": {"const": 2}})",
       {R"({"a":1,"b":2})", R"({"b":2})", R"({"b":2,"c":2})"},
       {R"({"a":1})", R"({"b":1})"}},
      {R"({"type": "object", "additionalProperties": {"type": "integer"}})",
       {"{}", R"({"x":1,"y":2})"},
       {R"({"x":"1"})"}},
      {R"({"type": "object", "properties": {}, "additionalProperties": false})",
       {"{}", "{ }"},
       {R"({"a":1})"}},
      {R"({"properties": {"a": false, "b": {"const": 1}}})", {"{}", R"({"b":1})"}, {R"({"a":1})"}},
  });
}

TEST_CASE("References and merged schemas") {
  check({
      {R"({"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}})", {"1"}, {"\"a\""}},
      {R"({"$defs": {"a/b~c": {"const": 1}}, "items": {"$ref": "#/$defs/a~1b~0c"}})",
       {"[1,1]"},
       {"[2]"}},
      {R"({"properties": {"v": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}, "required": ["v", "next"]})",
       {R"({"v":1,"next":{"v":2,"next":null}})"},
       {R"({"v":1})", R"({"v":1,"next":{}})"}},
      {R"({"$ref": "#/$defs/t", "$defs": {"t": {"type": "object", "properties": {"c": {"items": {"$ref": "#/$defs/t"}}}}}})",
       {"{}", R"({"c":[{},{"c":[]}]})"},
       {R"({"c":[1]})"}},
      {R"({"allOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": {"const": 2}}, "required": ["b"]}]})",
       {R"({"a":1,"b":2})"},
       {R"({"a":1})", R"({"b":2})"}},
      {R"({"allOf": [{"type": "integer", "minimum": 3}, {"type": "number", "maximum": 5}]})",
       {"3", "5"},
       {"2", "6", "4.5"}},
      {R"({"allOf": [{"$ref": "#/$defs/a"}], "maxLength": 2, "$defs": {"a": {"type": "string", "minLength": 1}}})",
       {"\"a\"", "\"ab\""},
       {"\"\"", "\"abc\""}},
      {R"({"$ref": "#/$defs/a", "maximum": 4, "$defs": {"a": {"type": "integer", "minimum": 2}}})",
       {"2", "4"},
       {"1", "5"}},
      {R"({"type": "object", "properties": {"k": {"enum": ["a", "b"]}}, "required": ["k"], "anyOf": [{"properties": {"k": {"const": "a"}, "x": {"const": 1}}, "required": ["x"]}, {"properties": {"k": {"const": "b"}}}]})",
       {R"({"k":"a","x":1})", R"({"k":"b"})"},
       {R"({"k":"a"})", R"({"k":"b","x":1})"}},
      {R"({"anyOf": [{"minimum": 1}, {"minimum": 5}], "oneOf": [{"maximum": 3}, {"maximum": 9}], "type": "integer"})",
       {"1", "3", "9"},
       {"0", "10"}},
      {R"({"allOf": [{"enum": [1, 2, 3]}, {"enum": [2, 3, 4]}]})", {"2", "3"}, {"1", "4"}},
      {R"({"allOf": [{"properties": {"a": {"const": 1}}, "additionalProperties": false}, {"properties": {"b": {"const": 2}}}]})",
       {"{}", R"({"a":1})"},
       {R"({"b":2})"}},
  });
}

TEST_CASE("A keyword that is null is absent, a value that is null is not") {
  check({
      {R"({"type": "string", "enum": null, "minLength": null, "maxLength": null, "pattern": null, "format": null})",
       {"\"\"", "\"a\""},
       {"1"}},
      {R"({"type": "array", "items": null, "prefixItems": null, "minItems": null, "maxItems": null})",
       {"[]", "[1,2]"},
       {"{}"}},
      {R"({"type": "object", "properties": null, "required": null, "additionalProperties": null})",
       {"{}", R"({"a":1})"},
       {"[]"}},
      {R"({"type": "object", "properties": {"a": {"type": "integer", "minimum": null, "maximum": null}}, "required": null})",
       {"{}", R"({"a":-1})"},
       {R"({"b":1})"}},
      {R"({"type": null, "$ref": null, "allOf": null, "anyOf": null, "oneOf": null, "not": null})",
       {"1", "[]"},
       {"x"}},
      {R"({"allOf": [{"required": null, "properties": null}, {"required": ["a"]}], "anyOf": [{"type": "object", "maxItems": null}]})",
       {R"({"a":1})"},
       {"{}"}},
      {R"({"const": null})", {"null"}, {"1"}},
      {R"({"enum": [null]})", {"null"}, {"1"}},
  });
  CHECK(compile(R"({"not": null, "minProperties": null})")->ignored_keywords().empty());
}

TEST_CASE("Bounds of integers are exact") {
  Rng rng(11);
  std::vector<int64_t> bounds{-1001, -1000, -999, -100, -99, -10, -9,  -1,  0,    1,
                              9,     10,    11,   99,   100, 101, 109, 999, 1000, 1234};
  for (int i = 0; i < 60; ++i) {
    const int64_t a = bounds[rng.next_below(bounds.size())];
    const int64_t b = bounds[rng.next_below(bounds.size())];
    if (a > b) continue;
    const std::string schema = R"({"type": "integer", "minimum": )" + std::to_string(a) +
                               R"(, "maximum": )" + std::to_string(b) + "}";
    CAPTURE(schema);
    const auto grammar = compile(schema);
    REQUIRE(grammar.ok());
    int n_wrong = 0;
    for (int64_t n = -1300; n <= 1300; ++n) {
      n_wrong += matches(*grammar, std::to_string(n)) != (n >= a && n <= b);
    }
    CHECK(n_wrong == 0);
    CHECK_FALSE(matches(*grammar, "00"));
  }
  check({
      {R"({"type": "integer", "minimum": 1})", {"1", "999999999999999999"}, {"0", "-1"}},
      {R"({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 4})",
       {"2", "3"},
       {"1", "4"}},
      {R"({"type": "integer", "minimum": 1.5, "maximum": 3.5})", {"2", "3"}, {"1", "4"}},
      {R"({"type": "integer", "exclusiveMinimum": 1.5})", {"2"}, {"1"}},
      {R"({"type": "integer", "minimum": -1e300, "maximum": 1e300})", {"0", "-5"}, {"x"}},
  });
}

struct BadSchema {
  std::string_view schema, message;
};

TEST_CASE("Errors name the JSON pointer") {
  const std::vector<BadSchema> cases{
      {"1", "#: a schema must be an object or a boolean"},
      {R"({"properties": {"a": null}})", "#/properties/a: a schema must be an object or a boolean"},
      {R"({"properties": {"a/b": {"type": "int"}}})", "#/properties/a~1b: unknown type \"int\""},
      {R"({"type": []})", "#: no type is left"},
      {R"({"items": {"$ref": "#/$defs/x"}})", "#/items: $ref \"#/$defs/x\" names nothing"},
      {R"({"$ref": "http://x/y"})", "only \"#\" and \"#/...\" are supported"},
      {R"({"$ref": "#"})", "left recursion"},
      {R"({"allOf": [{"$ref": "#"}]})", "more than 256 schemas in one"},
      {R"({"anyOf": [{"$ref": "#"}, {"type": "null"}]})", "left recursion"},
      {R"({"properties": {"a": {"$ref": "#"}}, "required": ["a"]})", "no text can ever complete"},
      {R"({"minItems": 3, "maxItems": 2})", "#: minItems exceeds maxItems"},
      {R"({"type": "array", "minItems": 1, "items": false})", "no text can ever complete"},
      {R"({"minLength": -1})", "#: minLength must be an integer from 0"},
      {R"({"maxLength": 1.5})", "#: maxLength must be an integer from 0"},
      {R"({"minLength": 2000000})", "#: minLength must be an integer from 0 to 1000000"},
      {R"({"minimum": 2, "maximum": 1})", "#: no integer is left"},
      {R"({"minimum": 1e300})", "#: no integer is left"},
      {R"({"exclusiveMaximum": -1e18})", "#: no integer is left"},
      {R"({"minimum": "2"})", "#: minimum must be a number"},
      {R"({"enum": []})", "#: no value is left"},
      {R"({"enum": 1})", "#: enum must be a list"},
      {R"({"anyOf": []})", "#: anyOf must be a list that is not empty"},
      {R"({"required": "a"})", "#: required must be a list of strings"},
      {R"({"properties": []})", "#: properties must be an object"},
      {R"(false)", "no text can ever complete"},
      {R"({"pattern": 1})", "#: pattern must be a string"},
      {R"({"pattern": "foo**"})", "#: pattern: character 5: nothing to repeat"},
      {R"({"pattern": "(a"})", "#: pattern: character 1: a '(' that is never closed"},
      {R"s({"pattern": "a)"})s", "#: pattern: character 2: a ')' that closes nothing"},
      {R"({"pattern": "[a"})", "#: pattern: character 1: expected a closing ']'"},
      {R"({"pattern": "\u00e9[z-a]"})", "#: pattern: character 3: a range that is none"},
      {R"({"pattern": "a{2,1}"})", "the repetition's minimum exceeds its maximum"},
      {R"s({"pattern": "(?=a"})s", "#: pattern: character 1: a '(' that is never closed"},
      {R"s({"pattern": "(?#a)"})s", "#: pattern: character 1: a wrong group"},
      {R"({"pattern": "\\p{L"})", "#: pattern: character 1: a wrong escape"},
      {R"({"pattern": "\\bfoo**"})", "#: pattern: character 7: nothing to repeat"},
      {R"({"pattern": "\\"})", "an escape without a character"},
  };
  for (const BadSchema& c : cases) {
    CAPTURE(c.schema);
    const auto grammar = compile(c.schema);
    REQUIRE_FALSE(grammar.ok());
    CHECK(grammar.status().code() == Code::kInvalidArgument);
    const std::string message(grammar.status().message());
    CAPTURE(message);
    CHECK(message.find(c.message) != std::string::npos);
  }
}

TEST_CASE("Keywords that are not kept to are listed, or refused") {
  constexpr std::string_view kSchema =
      R"({"properties": {"a": {"type": "number", "minimum": 0}, "b": {"type": "string", "format": "email"}}, "minProperties": 1, "not": {}, "title": "x"})";
  const auto grammar = compile(kSchema);
  REQUIRE(grammar.ok());
  const std::vector<std::string> expected{"#/minProperties", "#/not", "#/properties/b/format",
                                          "#/properties/a/minimum"};
  CHECK(grammar->ignored_keywords() == expected);
  const auto strict = compile(kSchema, {SchemaOptions::Unsupported::kRefuse});
  REQUIRE_FALSE(strict.ok());
  CHECK(strict.status().message() == "JSON Schema: #/minProperties is not supported");
  CHECK(compile("{}")->ignored_keywords().empty());
}

TEST_CASE("A pattern that is well formed but not supported is listed, and the rest is kept to") {
  for (const std::string_view pattern :
       {"(?=a)b", "(?<!a)b", "(a)\\\\1", "\\\\bword", "a^b", "^(?:a$|b)$", "(^a)", "^\\\\p{L}+$",
        "[\\\\p{Lu}\\\\d]", "(?<n>a)\\\\k<n>", "a{99999}", "(a{200}){200}"}) {
    const std::string schema =
        R"({"type": "string", "maxLength": 2, "pattern": ")" + std::string(pattern) + "\"}";
    CAPTURE(schema);
    const auto grammar = compile(schema);
    check_texts(grammar, {"\"\"", "\"xy\""}, {"\"xyz\""});
    CHECK(grammar->ignored_keywords() == std::vector<std::string>{"#/pattern"});
    const auto strict = compile(schema, {SchemaOptions::Unsupported::kRefuse});
    CHECK(strict.status().message() == "JSON Schema: #/pattern is not supported");
  }
  const auto dated = compile(R"s({"pattern": "(?=2)", "format": "date"})s");
  check_texts(dated, {"\"1999-12-31\""}, {"\"a\""});
}

TEST_CASE("Long strings and lists are counted exactly and cost little") {
  std::string properties;
  for (int i = 0; i < 200; ++i) {
    properties += (i == 0 ? "\"p" : ", \"p") + std::to_string(i) +
                  R"(": {"type": "string", "minLength": 1, "maxLength": 65536})";
  }
  const auto many = compile("{\"properties\": {" + properties + "}}");
  REQUIRE_MESSAGE(many.ok(), std::string(many.status().message()));
  CHECK(many->memory_bytes() < 2'000'000);
  CHECK(matches(*many, "{\"p0\": \"" + std::string(65'536, 'x') + "\", \"p199\": \"y\"}"));
  CHECK_FALSE(matches(*many, "{\"p0\": \"" + std::string(65'537, 'x') + "\"}"));
  CHECK_FALSE(matches(*many, "{\"p0\": \"\"}"));

  const auto string = compile(R"({"type": "string", "minLength": 100, "maxLength": 20000})");
  const auto quoted = [](const std::string& text) { return "\"" + text + "\""; };
  REQUIRE(string.ok());
  CHECK_FALSE(matches(*string, quoted(std::string(99, 'a'))));
  CHECK(matches(*string, quoted(repeated("\u00e9", 99) + "\\n")));
  CHECK(matches(*string, quoted(repeated("\u00e9", 20'000))));
  CHECK_FALSE(matches(*string, quoted(repeated("\u00e9", 20'001))));

  const auto list =
      compile(R"({"items": {"type": "integer"}, "minItems": 50, "maxItems": 100000})");
  REQUIRE(list.ok());
  CHECK_FALSE(matches(*list, "[1" + repeated(", 1", 48) + "]"));
  CHECK(matches(*list, "[1" + repeated(", 1", 49) + "]"));
  CHECK(matches(*list, "[1" + repeated(",1", 9'000) + "]"));
  const auto endless = compile(R"({"items": {"const": 1}, "minItems": 50})");
  REQUIRE(endless.ok());
  CHECK_FALSE(matches(*endless, "[1" + repeated(",1", 48) + "]"));
  CHECK(matches(*endless, "[1" + repeated(",1", 1'000) + "]"));

  check({{R"({"pattern": "^(?:ab|c){20,30}$"})",
          {"\"abcabcabcabcabcabcabcabcabcabc\"", "\"cccccccccccccccccccc\""},
          {"\"ccccccccccccccccccc\"", "\"ccccccccccccccccccccccccccccccc\""}}});
  CHECK(compile(R"({"items": false, "minItems": 50})")
            .status()
            .message()
            .find("no text can ever complete") != std::string::npos);
  check({{R"({"items": false, "maxItems": 50})", {"[]"}, {"[1]"}}});
}

TEST_CASE("A maximum that no answer can reach is none") {
  const auto grammar = compile(R"({"type": "string", "maxLength": 2147483647})");
  check_texts(grammar, {"\"\"", "\"abc\""}, {"1"});
  CHECK(grammar->ignored_keywords() == std::vector<std::string>{"#/maxLength"});
  CHECK(compile(R"({"maxItems": 1e300, "items": {}})").ok());
}

TEST_CASE("Schemas that contain themselves beside other keywords") {
  check({
      {R"({"$ref": "#/definitions/Node", "definitions": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/definitions/Node", "nullable": true}}}}})",
       {R"({"next":{"next":{}}})"},
       {R"({"next":1})"}},
      {R"({"properties": {"next": {"$ref": "#", "type": "object"}, "n": {"const": 1}}})",
       {"{}", R"({"next":{"next":{"n":1},"n":1}})"},
       {R"({"next":{"n":2}})", R"({"next":[]})"}},
      {R"({"$ref": "#/$defs/Br", "$defs": {"Leaf": {"type": "object", "properties": {"v": {"type": "integer"}}, "required": ["v"]}, "Br": {"type": "object", "properties": {"kids": {"type": "array", "items": {"discriminator": {"propertyName": "k"}, "oneOf": [{"$ref": "#/$defs/Leaf"}, {"$ref": "#/$defs/Br"}]}}}, "required": ["kids"]}}})",
       {R"({"kids":[{"v":1},{"kids":[{"kids":[]}]}]})"},
       {R"({"kids":[1]})", R"({"kids":[{"kids":[{"v":"x"}]}]})"}},
      {R"({"$ref": "#/$defs/Br", "$defs": {"Leaf": {"properties": {"v": {"type": "integer"}}, "required": ["v"]}, "Br": {"properties": {"kids": {"items": {"type": "object", "anyOf": [{"$ref": "#/$defs/Leaf"}, {"$ref": "#/$defs/Br"}]}}}, "required": ["kids"]}}})",
       {R"({"kids":[{"v":1},{"kids":[{"kids":[]}]}]})"},
       {R"({"kids":[1]})", R"({"kids":[{"kids":[{"v":"x"}]}]})"}},
      {R"({"properties": {"a": {"allOf": [{"$ref": "#"}, {"required": ["b"]}]}, "b": {"allOf": [{"$ref": "#"}, {"minProperties": 0}]}}})",
       {"{}", R"({"a":{"b":{"a":{"a":{"b":{}},"b":{}}}}})"},
       {R"({"a":{}})", R"({"b":{"a":{"a":{},"b":{}}}})"}},
      {R"({"properties": {"a": {"$ref": "#", "properties": {"a": {"$ref": "#", "properties": {"c": {"const": 1}}}}}, "c": {"type": "integer"}}})",
       {R"({"a":{"c":2}})", R"({"a":{"a":{"c":1}}})"},
       {R"({"a":{"a":{"c":2}}})"}},
  });
  const auto grammar = compile(
      R"({"properties": {"next": {"$ref": "#", "nullable": true}, "or": {"discriminator": {}, "oneOf": [{"$ref": "#"}]}}})");
  REQUIRE(grammar.ok());
  CHECK(grammar->ignored_keywords().size() == 2);
}

TEST_CASE("Keywords that are not kept to are no reason not to merge") {
  check({
      {R"({"allOf": [{"properties": {"a": {"const": 1}}, "if": {"required": ["a"]}, "then": {}, "x-order": 1}, {"required": ["a"], "if": {}, "then": {"x": 1}, "x-order": 2, "title": "t"}]})",
       {R"({"a":1})"},
       {"{}"}},
      {R"({"allOf": [{"pattern": "^a"}, {"pattern": "b$"}]})", {"\"ac\""}, {"\"cb\""}},
  });
  const auto grammar =
      compile(R"({"allOf": [{"type": "null", "if": true}, {"if": false, "x-a": 1}]})");
  REQUIRE(grammar.ok());
  CHECK(grammar->ignored_keywords() == std::vector<std::string>{"#/if", "#/x-a"});
  CHECK_FALSE(compile(R"({"allOf": [{"const": 1}, {"const": 2}]})").ok());
}

TEST_CASE("Bounds as draft 4 wrote them, and lists longer than their first elements") {
  check({
      {R"({"type": "integer", "minimum": 2, "exclusiveMinimum": true, "maximum": 5, "exclusiveMaximum": false})",
       {"3", "5"},
       {"2", "6"}},
      {R"({"allOf": [{"type": "integer", "minimum": 2, "exclusiveMinimum": true}, {"minimum": 1, "maximum": 4, "exclusiveMaximum": true}]})",
       {"3"},
       {"1", "2", "4"}},
      {R"({"prefixItems": [{"type": "integer"}], "minItems": 3})",
       {"[1,\"a\",null]", "[1,2,3,4]"},
       {"[1]", "[1,2]", "[\"a\",1,2]"}},
      {R"({"prefixItems": [{"type": "integer"}], "minItems": 2, "maxItems": 2})",
       {"[1,{}]"},
       {"[1]", "[1,2,3]"}},
  });
  CHECK_FALSE(compile(R"({"prefixItems": [{}], "items": false, "minItems": 2})").ok());
}

TEST_CASE("Values written down keep to the keywords beside them") {
  check({
      {R"({"type": "integer", "enum": [1, 2, 3, 4], "minimum": 3})", {"3", "4"}, {"1", "2"}},
      {R"({"type": "integer", "enum": [1.0, 2.5, 3]})", {"1", "3"}, {"1.0", "2.5"}},
      {R"({"enum": [1, 2, 3], "exclusiveMinimum": 1, "exclusiveMaximum": 3})", {"2"}, {"1", "3"}},
      {R"({"enum": [1, 2, 3], "minimum": 1, "exclusiveMinimum": true})", {"2", "3"}, {"1"}},
      {R"({"enum": ["a", "\u00e9\u00e9", "abc", 7], "minLength": 2, "maxLength": 2})",
       {"\"\u00e9\u00e9\"", "7"},
       {"\"a\"", "\"abc\""}},
      {R"({"enum": ["a1", "b1", "a\n"], "pattern": "^a"})", {"\"a1\"", R"("a\n")"}, {"\"b1\""}},
      {R"({"enum": ["2024-02-29", "2023-02-29"], "format": "date"})",
       {"\"2024-02-29\""},
       {"\"2023-02-29\""}},
      {R"({"enum": [[], [1], [1, 2]], "minItems": 1, "maxItems": 1})", {"[1]"}, {"[]", "[1,2]"}},
      {R"({"enum": [{}, {"a": 1}], "required": ["a"]})", {R"({"a":1})"}, {"{}"}},
      {R"({"allOf": [{"enum": [1, 2, 3]}, {"minimum": 2}]})", {"2", "3"}, {"1"}},
  });
  for (const std::string_view schema :
       {R"({"enum": [1, 2], "minimum": 3})", R"({"const": "a", "pattern": "b"})",
        R"({"const": "a", "pattern": "[]"})", R"({"type": "integer", "const": 1.5})"}) {
    CAPTURE(schema);
    CHECK(compile(schema).status().message() == "JSON Schema: #: no value is left");
  }
  const auto inside = compile(R"({"enum": [{"a": 1}], "properties": {"a": {"const": 2}}})");
  REQUIRE(inside.ok());
  CHECK(inside->ignored_keywords() == std::vector<std::string>{"#/properties"});
}

TEST_CASE("Hostile schemas end in an error, in time") {
  const auto message_of = [](const std::string& schema) {
    const auto grammar = compile(schema);
    return grammar.ok() ? std::string() : std::string(grammar.status().message());
  };
  const auto contains = [](const std::string& message, std::string_view part) {
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
  };
  contains(message_of(repeated("{\"items\":", 100) + "{}" + repeated("}", 100)),
           "nest deeper than 64");
  contains(message_of("{\"pattern\": \"" + repeated("(", 60'000) + repeated(")", 60'000) + "\"}"),
           "parentheses nest deeper than 64");
  // Two alternatives, each of two, each ...
  std::string doubling = R"({"type": "integer"})";
  for (int i = 0; i < 40; ++i)
    doubling = R"({"minimum": 0, "anyOf": [)" + doubling + ",{\"$ref\":\"#\",\"maximum\":1}]}";
  CHECK_FALSE(message_of(doubling).empty());
  std::string rules = "{\"$defs\": {";
  for (int i = 0; i < 4090; ++i) rules += "\"d" + std::to_string(i) + "\": {\"const\": 1},";
  rules += "\"x\": 1}, \"anyOf\": [";
  for (int i = 0; i < 4090; ++i) rules += "{\"$ref\": \"#/$defs/d" + std::to_string(i) + "\"},";
  CHECK(message_of(rules + "{}]}").empty());
}

TEST_CASE("What a schema's grammar writes is JSON that keeps to the schema") {
  const auto grammar = compile(
      R"({"type": "object", "properties": {"name": {"type": "string", "maxLength": 5}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 3}, "sub": {"type": "object", "additionalProperties": {"type": ["integer", "null"]}}, "x": {"type": "number"}}, "required": ["name", "sub"]})");
  REQUIRE(grammar.ok());
  Rng rng(5);
  for (int round = 0; round < 40; ++round) {
    Matcher matcher = grammar->matcher();
    std::string text;
    while (!matcher.must_end() && text.size() < 4000) {
      // Ends of strings and lists first, half of the time: so that texts end.
      const bool hurries = rng.next_below(2) == 0;
      std::string next(1, static_cast<char>(rng.next_below(256)));
      for (const char* end : {"}", "]", "\""}) {
        Matcher copy = matcher;
        if (hurries && copy.accept(end)) next = end;
      }
      Matcher copy = matcher;
      if (!copy.accept(next)) continue;
      matcher = copy;
      text += next;
    }
    CAPTURE(text);
    if (!matcher.must_end()) continue;
    const auto value = json::parse(text);
    REQUIRE(value.ok());
    REQUIRE(value->contains("name"));
    CHECK(value->at("name").is_string());
    REQUIRE(value->contains("sub"));
    for (const auto& member : value->at("sub"))
      CHECK((member.is_null() || member.is_number_integer()));
  }
}

TEST_CASE("Any JSON object") {
  const auto grammar = Grammar::json_object();
  REQUIRE(grammar.ok());
  CHECK(matches(*grammar, R"({"a": [1, {"b": null}], "c": "\u00e9"})"));
  CHECK_FALSE(matches(*grammar, "[]"));
  // Deeper than parsers take: not offered.
  const std::string deep = "{\"a\":" + repeated("[", 200);
  CHECK_FALSE(grammar->matcher().accept(deep));
  CHECK(grammar->matcher().accept(deep.substr(0, 100)));
}

}  // namespace
}  // namespace samovar::grammar
