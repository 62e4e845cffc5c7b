#include "net/access.h"

#include "net/server_options.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace samovar::net {
namespace {

TEST_CASE("what looks like an address and is none is no host to listen on") {
  for (const char* good :
       {"127.0.0.1", "0.0.0.0", "::", "::1", "fe80::1%eth0", "localhost", "a.b"}) {
    CAPTURE(good);
    CHECK(validate_host(good).ok());
  }
  for (const char* bad : {"300.1.1.1", "1.2.3", "127.1", "8080", "1.2.3.4.5", "", "1.2.3.4:80",
                          "localhost:80", "::g", "[::1]"}) {
    CAPTURE(bad);
    CHECK(validate_host(bad).code() == Code::kInvalidArgument);
  }
}

Headers with_host(std::string host) {
  return {{"Host", std::move(host)}};
}

TEST_CASE("A loopback name in the Host header passes, with any port") {
  for (const char* host : {"localhost", "LOCALHOST:8080", "localhost.", "app.localhost",
                           "127.0.0.1", "127.0.0.1:1", "127.1.2.3:65535", "[::1]", "[::1]:8080"}) {
    CAPTURE(host);
    CHECK(host_allowed(with_host(host), {}));
  }
}

TEST_CASE("A foreign, empty or malformed Host header is refused") {
  for (const char* host : {"",
                           ":8080",
                           "evil.com",
                           "evil.com:8080",
                           "localhost.evil.com",
                           "localhost@evil.com",
                           "evil.com/localhost",
                           "127.0.0.1.evil.com",
                           "127.0.0",
                           "127.0.0.256",
                           "127.0.0.0001",
                           "128.0.0.1",
                           "0.0.0.0",
                           "2130706433",
                           "0x7f.0.0.1",
                           "[::1",
                           "[::1]x",
                           "[::2]",
                           "[::ffff:8.8.8.8]",
                           "[evil]",
                           "localhost:",
                           "localhost:x",
                           "localhost:70000",
                           "localhost:80:80",
                           "localhost evil",
                           "notlocalhost",
                           ".",
                           "[]"}) {
    CAPTURE(host);
    CHECK_FALSE(host_allowed(with_host(host), {}));
  }
  CHECK_FALSE(host_allowed({}, {}));
  CHECK_FALSE(host_allowed({}, {"*"}));
}

TEST_CASE("Extra hosts widen the allow-list by exact name") {
  CHECK(host_allowed(with_host("Box.lan:8080"), {"box.lan"}));
  CHECK_FALSE(host_allowed(with_host("a.box.lan"), {"box.lan"}));
  CHECK(host_allowed(with_host("anything"), {"*"}));
}

TEST_CASE("localhost origins are the three names over http and https with any port") {
  const CorsPolicy policy = {.origins = {"localhost"}};
  for (const char* origin : {"http://localhost", "https://localhost:3000", "http://127.0.0.1:8080",
                             "http://[::1]:8080"}) {
    CAPTURE(origin);
    CHECK(policy.allows(origin));
  }
  for (const char* origin :
       {"", "null", "localhost", "http://localhost.evil.com", "http://evil.com",
        "http://localhost:8080.evil.com", "ftp://localhost", "http://127.0.0.1.evil.com",
        "http://localhost@evil.com", "http://localhost/", "http://127.0.0.2"}) {
    CAPTURE(origin);
    CHECK_FALSE(policy.allows(origin));
  }
}

TEST_CASE("Editors' schemes are allowed by default, foreign pages are not") {
  const CorsPolicy policy = CorsPolicy::defaults(false);
  CHECK(policy.allows("vscode-webview://abc"));
  CHECK(policy.allows("tauri://localhost"));
  CHECK(policy.allows("http://localhost:5173"));
  CHECK_FALSE(policy.allows("https://evil.com"));
  CHECK(CorsPolicy::defaults(true).allows("https://evil.com"));
}

TEST_CASE("A star with credentials echoes the origin, without credentials it is a star") {
  const Headers request = {{"Origin", "https://a.example"}};
  Headers response;
  add_cors_headers({.origins = {"*"}}, request, response);
  CHECK(response.find("Access-Control-Allow-Origin") == "https://a.example");
  CHECK(response.find("Access-Control-Allow-Credentials") == "true");
  CHECK(response.find("Vary") == "Origin");
  Headers open;
  add_cors_headers({.origins = {"*"}, .credentials = false}, request, open);
  CHECK(open.find("Access-Control-Allow-Origin") == "*");
  CHECK(open.find("Access-Control-Allow-Credentials") == "false");
  CHECK_FALSE(open.has("Vary"));
}

TEST_CASE("An origin that is not allowed and a request without origin get no CORS header") {
  for (const Headers& request : {Headers{{"Origin", "https://evil.com"}}, Headers{}}) {
    Headers response;
    add_cors_headers(CorsPolicy::defaults(false), request, response);
    CHECK_FALSE(response.has("Access-Control-Allow-Origin"));
    CHECK_FALSE(response.has("Access-Control-Allow-Credentials"));
  }
}

TEST_CASE("CORS headers that are put in twice are there once") {
  const Headers request = {{"Origin", "http://localhost:3000"}};
  Headers once, twice;
  add_cors_headers(CorsPolicy::defaults(false), request, once);
  for (int i = 0; i < 2; ++i) add_cors_headers(CorsPolicy::defaults(false), request, twice);
  CHECK(once.size() == 3);
  CHECK(twice.size() == 3);
}

TEST_CASE("A preflight names origin, credentials, methods and headers") {
  const Response response = preflight_response(
      CorsPolicy::defaults(true),
      {{"Origin", "https://a.example"}, {"Access-Control-Request-Headers", "authorization"}});
  CHECK(response.status == 200);
  CHECK(response.body.empty());
  CHECK(response.headers.find("Access-Control-Allow-Origin") == "https://a.example");
  CHECK(response.headers.find("Access-Control-Allow-Credentials") == "true");
  CHECK(response.headers.find("Access-Control-Allow-Methods") == "GET, POST, DELETE, OPTIONS");
  CHECK(response.headers.find("Access-Control-Allow-Headers") == "authorization");
  CorsPolicy as_peers = CorsPolicy::defaults(true);
  as_peers.names_headers = false;
  CHECK(preflight_response(
            as_peers, {{"Origin", "null"}, {"Access-Control-Request-Headers", "authorization"}})
            .headers.find("Access-Control-Allow-Headers") == "*");
  const Response plain = preflight_response(CorsPolicy::defaults(false), {});
  CHECK(plain.status == 200);
  CHECK_FALSE(plain.headers.has("Access-Control-Allow-Methods"));
}

TEST_CASE("A key is accepted in each of its four places") {
  ApiKeys keys;
  REQUIRE(keys.add(Secret("first-key")).ok());
  REQUIRE(keys.add(Secret("k2")).ok());
  CHECK(keys.match({{"Authorization", "Bearer k2"}}) == 2);
  CHECK(keys.match({{"authorization", "bearer  first-key "}}) == 1);
  CHECK(keys.match({{"Authorization", "k2"}}) == 2);
  CHECK(keys.match({{"Authorization", "Api-Key k2"}}) == 2);
  CHECK(keys.match({{"X-Api-Key", "k2"}}) == 2);
  CHECK(keys.match({{"Authorization", "Bearer some-iam-token"}, {"X-Api-Key", "k2"}}) == 2);
}

TEST_CASE("A wrong, missing, longer or shorter key is refused") {
  ApiKeys keys;
  REQUIRE(keys.add(Secret("secret")).ok());
  CHECK_FALSE(keys.match({}));
  for (const char* value :
       {"", "Bearer", "Bearer ", "secre", "secrets", "Secret", "Basic secret"}) {
    CAPTURE(value);
    CHECK_FALSE(keys.match({{"Authorization", value}}));
    CHECK_FALSE(keys.match({{"X-Api-Key", value}}));
  }
}

TEST_CASE("A key file skips comments and blank lines and names no key in its errors") {
  ApiKeys keys;
  REQUIRE(keys.add_lines("# team\n\nkey-a\r\n  key-b  \n#key-c").ok());
  CHECK(keys.size() == 2);
  CHECK(keys.match({{"X-Api-Key", "key-b"}}) == 2);
  const Status broken = keys.add_lines("hidden part");
  CHECK(broken.code() == Code::kInvalidArgument);
  CHECK(broken.message().find("hidden") == std::string_view::npos);
  CHECK(fmt::format("{}", Secret("hidden")) == "[secret]");
}

}  // namespace
}  // namespace samovar::net
