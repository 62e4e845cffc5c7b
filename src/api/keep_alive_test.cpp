#include "api/keep_alive.h"

#include "api/model_table.h"
#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

std::optional<int64_t> read_text(const char* text, std::string* refusal = nullptr) {
  const auto body = json::parse(text);
  REQUIRE(body.ok());
  Fields fields(*body);
  const auto us = read_keep_alive(fields);
  if (refusal != nullptr) *refusal = fields.error() ? fields.error()->message : "";
  return us;
}

TEST_CASE("a time to be kept is a duration or seconds; below zero it never ends") {
  CHECK(parse_keep_alive("5m") == 300'000'000);
  CHECK(parse_keep_alive("1h30m") == 5'400'000'000);
  CHECK(parse_keep_alive("300") == 300'000'000);
  CHECK(parse_keep_alive("0") == 0);
  CHECK(parse_keep_alive("1ns") == 1);  // more than none
  CHECK(parse_keep_alive("-1") == kForever);
  CHECK(parse_keep_alive("-1m") == kForever);
  for (const char* text : {"", "soon", "5", "1e3"}) {
    CHECK(parse_keep_alive(text).has_value() == (std::string_view(text) == "5"));
  }
}

TEST_CASE("the member may be a number, too, and large ones are no trouble") {
  CHECK(read_text("{}") == std::nullopt);
  CHECK(read_text(R"({"keep_alive": null})") == std::nullopt);
  CHECK(read_text(R"({"keep_alive": 0})") == 0);
  CHECK(read_text(R"({"keep_alive": 0.5})") == 500'000);
  CHECK(read_text(R"({"keep_alive": -1})") == kForever);
  CHECK(read_text(R"({"keep_alive": 1e300})") == int64_t{1'000'000'000'000'000'000});
  CHECK(read_text(R"({"keep_alive": "-1s"})") == kForever);
}

TEST_CASE("what is no duration is refused by name") {
  std::string refusal;
  for (const char* text : {R"({"keep_alive": "soon"})", R"({"keep_alive": "300"})",
                           R"({"keep_alive": true})", R"({"keep_alive": []})"}) {
    CHECK(read_text(text, &refusal) == std::nullopt);
    CHECK(refusal.find("keep_alive") != std::string::npos);
  }
}

}  // namespace
}  // namespace samovar::api
