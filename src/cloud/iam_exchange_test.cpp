// The exchange of a key for a token, against a server that we play.
#include "cloud/iam_exchange.h"

#include "cloud/test_key.h"
#include "json/json.h"
#include "net/http_client.h"
#include "net/http_test_support.h"
#include "sys/file.h"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr const char* kToken = "t1.canary-of-the-token";

// A token service that answers with `answer` and keeps the last request.
struct FakeIam {
  net::Response answer;
  net::Request last;
  int n_asked = 0;
  net::TestServer server{[this](const net::Request& request, const net::Responder& responder) {
    last = request;
    ++n_asked;
    responder.send(answer);
  }};

  FakeIam() { setenv("no_proxy", "*", 1); }
  void give(const std::string& token, const std::string& expires_at) {
    answer = net::Response::json(200, json::dump({{"iamToken", token}, {"expiresAt", expires_at}}));
  }
  std::string url() const {
    const std::string whole = server.url("/");
    return whole.substr(0, whole.size() - 1);
  }
};

// A key.json that goes with the test.
struct KeyFile {
  std::string path = fmt::format("{}/samovar_key_{}.json",
                                 std::getenv("TMPDIR") ? std::getenv("TMPDIR") : "/tmp", getpid());
  explicit KeyFile(const std::string& text = test_key_json()) { write(text); }
  ~KeyFile() { std::remove(path.c_str()); }
  void write(const std::string& text) { REQUIRE(sys::write_file_atomic(path, text).ok()); }
};

std::string in_an_hour(int64_t hours = 1) {
  // As the service writes it, by the clock of this machine, which is the server's too.
  const auto time = static_cast<std::time_t>(system_clock().unix_s() + hours * 3600);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

TEST_CASE("A key file becomes a token by one signed request") {
  FakeIam iam;
  iam.give(kToken, in_an_hour());
  const KeyFile file;
  const auto source = key_file_source(file.path, {iam.url(), ""}, system_clock());
  const auto token = source->fetch();
  REQUIRE(token.ok());
  CHECK(token->value.reveal() == kToken);
  CHECK(token->life_us > 3590'000'000);
  CHECK(token->life_us <= 3602'000'000);
  CHECK(iam.last.method == net::Method::kPost);
  CHECK(iam.last.path == "/iam/v1/tokens");
  CHECK(iam.last.headers.find("Content-Type") == "application/json");
  CHECK_FALSE(iam.last.headers.has("Authorization"));
  const auto body = json::parse(iam.last.body);
  REQUIRE(body.ok());
  CHECK(body->size() == 1);
  CHECK(test_key_signed((*body)["jwt"].get<std::string>()));
}

TEST_CASE("A token never is thought to live longer than twelve hours") {
  FakeIam iam;
  iam.give(kToken, in_an_hour(1000));
  const KeyFile file;
  const auto token = key_file_source(file.path, {iam.url(), ""}, system_clock())->fetch();
  REQUIRE(token.ok());
  CHECK(token->life_us == 12LL * 3600 * 1'000'000);
}

TEST_CASE("A clock that is wrong is told by the server's Date, and the request repeated") {
  FakeIam iam;
  FakeClock clock;  // in 2023
  iam.give(kToken, in_an_hour());
  int n_early = 0;
  net::TestServer strict([&](const net::Request& request, const net::Responder& responder) {
    const auto body = json::parse(request.body);
    const std::string jwt = (*body)["jwt"].get<std::string>();
    const size_t dot = jwt.find('.');
    const auto claims = json::parse(from_base64url(jwt.substr(dot + 1, jwt.rfind('.') - dot - 1)));
    const bool fits = std::abs((*claims)["iat"].get<int64_t>() - system_clock().unix_s()) < 60;
    if (!fits) ++n_early;
    responder.send(fits ? iam.answer : net::Response::json(401, R"({"message": "iat"})"));
  });
  const std::string url = strict.url("");
  const KeyFile file;
  const auto source = key_file_source(file.path, {url, ""}, clock);
  REQUIRE(source->fetch().ok());
  CHECK(n_early == 1);
  const auto again = source->fetch();  // it knows the time now
  REQUIRE(again.ok());
  CHECK(again->life_us > 3500'000'000);
  CHECK(n_early == 1);
}

TEST_CASE("What the service refuses is told in its words, without what was sent") {
  FakeIam iam;
  const KeyFile file;
  const auto source = key_file_source(file.path, {iam.url(), ""}, system_clock());
  iam.answer = net::Response::json(401, R"({"code": 16, "message": "the key is revoked"})");
  const auto refused = source->fetch();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.status().code() == Code::kInvalidArgument);
  CHECK(std::string(refused.status().message()) ==
        file.path + ": " + iam.url() + "/iam/v1/tokens: HTTP 401: the key is revoked");

  net::TestServer parrot([](const net::Request& request, const net::Responder& responder) {
    responder.send(net::Response::text(400, request.body));
  });
  const auto repeated = key_file_source(file.path, {parrot.url(""), ""}, system_clock())->fetch();
  CHECK(repeated.status().message().find("eyJ") == std::string_view::npos);
  CHECK(repeated.status().message().find("[secret]") != std::string_view::npos);
}

TEST_CASE("Busy, redirecting and broken services are told apart") {
  FakeIam iam;
  const KeyFile file;
  const auto source = key_file_source(file.path, {iam.url(), ""}, system_clock());
  const auto code = [&](net::Response answer) {
    iam.answer = std::move(answer);
    return source->fetch().status().code();
  };
  CHECK(code(net::Response::json(429, "{}")) == Code::kBusy);
  CHECK(code(net::Response::text(503, "later")) == Code::kBusy);
  CHECK(code(net::Response::json(403, "{}")) == Code::kInvalidArgument);
  CHECK(code(net::Response::json(200, "{}")) == Code::kCorrupt);
  CHECK(code(net::Response::json(200, "not json")) == Code::kCorrupt);
  CHECK(code(net::Response::json(200, R"({"iamToken": "t1.x"})")) == Code::kCorrupt);
  CHECK(code(net::Response::json(200,
                                 R"({"iamToken": "t1.x", "expiresAt": "2001-01-01T00:00:00Z"})")) ==
        Code::kCorrupt);
  net::Response moved = net::Response::text(307, "");
  moved.headers.set("Location", "http://127.0.0.1:1/elsewhere");
  const int n_before = iam.n_asked;
  CHECK(code(moved) == Code::kUnsupported);
  CHECK(iam.n_asked == n_before + 1);
}

TEST_CASE("A key file is read anew for each token, and a change is seen before") {
  FakeIam iam;
  iam.give(kToken, in_an_hour());
  KeyFile file;
  const auto source = key_file_source(file.path, {iam.url(), ""}, system_clock());
  CHECK(source->changed());
  REQUIRE(source->fetch().ok());
  CHECK_FALSE(source->changed());
  file.write("{}");
  CHECK(source->changed());
  CHECK(source->fetch().status().message().find("no text `id`") != std::string_view::npos);
  std::remove(file.path.c_str());
  CHECK(source->fetch().status().code() == Code::kNotFound);
}

TEST_CASE("An OAuth token is exchanged under its own name") {
  FakeIam iam;
  iam.give(kToken, in_an_hour());
  const auto source = oauth_source(Secret("y0_canary"), {iam.url(), ""}, system_clock());
  REQUIRE(source->fetch().ok());
  CHECK(iam.last.body == R"({"yandexPassportOauthToken":"y0_canary"})");
}

TEST_CASE("The metadata service gives a token to whoever names its flavour") {
  FakeIam iam;
  iam.answer = net::Response::json(
      200, R"({"access_token": "t1.m", "expires_in": 43200, "token_type": "Bearer"})");
  const auto token = metadata_source(iam.url())->fetch();
  REQUIRE(token.ok());
  CHECK(token->value.reveal() == "t1.m");
  CHECK(token->life_us == 43'200'000'000);
  CHECK(iam.last.path == "/computeMetadata/v1/instance/service-accounts/default/token");
  CHECK(iam.last.headers.find("Metadata-Flavor") == "Google");
  iam.answer = net::Response::json(200, R"({"access_token": "t1.m", "expires_in": "soon"})");
  CHECK(metadata_source(iam.url())->fetch().status().code() == Code::kCorrupt);
}

}  // namespace
}  // namespace samovar::cloud
