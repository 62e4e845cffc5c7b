#include "net/url.h"

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

Url parsed(std::string_view text) {
  auto url = Url::parse(text);
  REQUIRE(url.ok());
  return *std::move(url);
}

TEST_CASE("A URL's origin names scheme, host and port, given or not") {
  CHECK(parsed("http://h/x?y").origin() == "http://h:80");
  CHECK(parsed("https://h").origin() == "https://h:443");
  CHECK(parsed("https://user:secret@h:8443/").origin() == "https://h:8443");
}

TEST_CASE("What is no URL is refused without repeating it") {
  for (const std::string text : {"", "secret", "/only/a/path", "http://", "http://h:99999/secret",
                                 "http://h h/secret", "://secret"}) {
    const auto url = Url::parse(text);
    REQUIRE_FALSE(url.ok());
    CHECK(url.status().code() == Code::kInvalidArgument);
    CHECK(url.status().message().find("secret") == std::string::npos);
  }
}

TEST_CASE("Redirects may be absolute, relative to the host or to the folder") {
  const struct {
    std::string_view location, target;
  } cases[] = {{"http://other:81/z", "http://other:81/z"},
               {"//other/z", "http://other/z"},
               {"/z?q=1", "http://h/z?q=1"},
               {"z", "http://h/a/z"},
               {"../z", "http://h/z"},
               {"https://h/z", "https://h/z"}};
  for (const auto& [location, target] : cases) {
    Url url = parsed("http://h/a/b?c=d");
    CHECK(url.follow(location).ok());
    CHECK(url.text() == target);
  }
}

TEST_CASE("No redirect leads from https to http, or away from the web") {
  for (const char* location : {"http://h/z", "ftp://h/z", "file:///etc/passwd"}) {
    Url url = parsed("https://h/a");
    CHECK(url.follow(location).code() == Code::kUnsupported);
  }
  for (const char* location : {"ftp://h/z", "file:///etc/passwd", "gopher://h/"}) {
    Url url = parsed("http://h/a");
    CHECK_FALSE(url.follow(location).ok());
  }
}

TEST_CASE("A value in a query has nothing of a meaning of its own") {
  CHECK(percent_encode_value("a/b c&d=e+f~") == "a%2Fb%20c%26d%3De%2Bf~");
  CHECK(percent_encode_value("\xe2\x82\xac") == "%E2%82%AC");
}

}  // namespace
}  // namespace samovar::net
