#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::json {
namespace {

TEST_CASE("text becomes values in key order and comes back") {
  const auto value = parse(R"({"b": 1, "a": [0.1, true, null, "é"]})");
  REQUIRE(value.ok());
  CHECK(dump(*value) == R"({"b":1,"a":[0.1,true,null,"é"]})");
}

TEST_CASE("bad text is a status, never a crash") {
  for (const char* text : {"", "{", "[1,]", "nul", "1e400", "\"\xff\"", "{\"a\":1}x"}) {
    CAPTURE(text);
    CHECK(parse(text).status().code() == Code::kInvalidArgument);
  }
}

TEST_CASE("a syntax error says where it is once, in plain words") {
  const Status status = parse("[1,]").status();
  CHECK(status.message().starts_with("JSON syntax error at byte 4: while parsing value"));
  CHECK(status.message().find("exception") == std::string_view::npos);
}

TEST_CASE("depth and size are limited without recursion") {
  const std::string deep(1'000'000, '[');
  CHECK(parse(deep).status().code() == Code::kTooLarge);
  CHECK(parse("[[[1]]]", {.max_depth = 3}).ok());
  CHECK(parse("[[[1]]]", {.max_depth = 2}).status().code() == Code::kTooLarge);
  CHECK(parse("[1,2,3]", {.max_bytes = 3}).status().code() == Code::kTooLarge);
}

TEST_CASE("many values and many keys are refused before they cost much") {
  std::string values = "[0", keys = "{\"k\":0";
  for (int i = 0; i < 1'000'000; ++i) {
    values += ",0";
    keys += ",\"" + std::to_string(i) + "\":0";
  }
  CHECK(parse(values + "]").status().code() == Code::kTooLarge);
  CHECK(parse(keys + "}").status().code() == Code::kTooLarge);
  CHECK(parse(R"([{"a":1,"b":2},{"a":1,"b":2}])", {.max_keys = 2}).ok());
  CHECK(parse(R"({"a":{"c":1},"b":2,"d":3})", {.max_keys = 2}).status().code() == Code::kTooLarge);
  CHECK(parse("[1,[2]]", {.max_values = 4}).ok());
  CHECK_FALSE(parse("[1,[2]]", {.max_values = 3}).ok());
}

// Each object cost a walk over all before it: this took minutes.
TEST_CASE("an array of as many objects as are allowed costs no more than their number") {
  std::string objects = "[{}";
  for (int i = 0; i < 200'000; ++i) objects += ",{}";
  const auto value = parse(objects + "]");
  REQUIRE(value.ok());
  CHECK(value->size() == 200'001);
}

TEST_CASE("a key that comes twice has its last value, at its first place") {
  const auto value = parse(R"({"a":{"x":[1,{"y":2}]},"b":3,"a":[4,{}]})");
  REQUIRE(value.ok());
  CHECK(dump(*value) == R"({"a":[4,{}],"b":3})");
}

TEST_CASE("bytes that are not UTF-8 are replaced on output") {
  CHECK(dump(Value("a\xff")) == "\"a\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace samovar::json
