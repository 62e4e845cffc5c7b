#include "net/http_types.h"

#include "net/sse.h"

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

TEST_CASE("Header names compare without case and keep their order") {
  Headers headers = {{"Content-Type", "text/plain"}, {"X-A", "1"}};
  headers.add("x-a", "2");
  CHECK(headers.find("content-type") == "text/plain");
  CHECK(headers.find("X-A") == "1");
  headers.set("X-a", "3");
  CHECK(headers.size() == 2);
  CHECK(headers.find("x-A") == "3");
  headers.erase("X-A");
  CHECK_FALSE(headers.has("x-a"));
}

TEST_CASE("Methods go to names and back; unknown and lower-case ones are other") {
  for (const char* name : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    CHECK(method_name(method_from_name(name)) == name);
  }
  CHECK(method_from_name("get") == Method::kOther);
  CHECK(method_from_name("OTHER") == Method::kOther);
  CHECK(method_from_name("BREW") == Method::kOther);
}

TEST_CASE("a path is escaped so that decoding brings it back") {
  CHECK(percent_encode_path("/v1/models/a:b") == "/v1/models/a:b");
  CHECK(percent_encode_path("/a b?c#d%") == "/a%20b%3Fc%23d%25");
  CHECK(percent_encode_path("\xe2\x82\xac") == "%E2%82%AC");
  CHECK(percent_decode(percent_encode_path("/a b?c#d%")) == "/a b?c#d%");
}

TEST_CASE("Percent decoding refuses broken escapes and NUL") {
  CHECK(percent_decode("/a%20b%2Fc") == "/a b/c");
  CHECK(percent_decode("%e2%82%ac") == "\xe2\x82\xac");
  CHECK_FALSE(percent_decode("%"));
  CHECK_FALSE(percent_decode("%4"));
  CHECK_FALSE(percent_decode("%4x"));
  CHECK_FALSE(percent_decode("a%00"));
}

TEST_CASE("A query value is the first of its name, decoded") {
  CHECK(query_value("a=1&b=x+y%21&b=2", "b") == "x y!");
  CHECK(query_value("flag&a=", "flag") == "");
  CHECK(query_value("flag&a=", "a") == "");
  CHECK_FALSE(query_value("ab=1", "a"));
  CHECK_FALSE(query_value("", "a"));
  CHECK_FALSE(query_value("a=%zz", "a"));
}

TEST_CASE("Every reason the server sends has a phrase") {
  CHECK(reason_phrase(200) == "OK");
  CHECK(reason_phrase(505) == "HTTP Version Not Supported");
  CHECK(reason_phrase(299) == "Unknown");
}

TEST_CASE("Events frame each line of their data") {
  CHECK(sse::event("{}") == "data: {}\n\n");
  CHECK(sse::event("a\nb\r\nc\rd") == "data: a\ndata: b\ndata: c\ndata: d\n\n");
  CHECK(sse::named_event("ping", "{}") == "event: ping\ndata: {}\n\n");
  CHECK(sse::json_line("{}") == "{}\n");
  CHECK(sse::headers().find("content-type") == "text/event-stream");
  CHECK(sse::json_lines_headers().find("content-type") == "application/x-ndjson");
}

}  // namespace
}  // namespace samovar::net
