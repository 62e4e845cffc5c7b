// A registry that we play: who gets which credentials, and what is sent where.
#include "cloud/registry_client.h"

#include "net/http_test_support.h"

#include <cstdlib>
#include <deque>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace samovar::cloud {
namespace {

// Answers by a script, then always in the last way. Writes down method, path, query and who asks.
struct Registry {
  std::deque<net::Response> script;
  std::vector<std::string> asked;
  std::vector<std::string> bodies;
  net::TestServer server{[this](const net::Request& request, const net::Responder& responder) {
    asked.push_back(fmt::format("{} {}{}{} {}", request.method_text, request.path,
                                request.query.empty() ? "" : "?", request.query,
                                request.headers.find("Authorization").value_or("-")));
    bodies.push_back(request.body);
    net::Response answer = script.front();
    if (script.size() > 1) script.pop_front();
    responder.send(std::move(answer));
  }};

  explicit Registry(std::deque<net::Response> answers) : script(std::move(answers)) {
    setenv("no_proxy", "*", 1);
  }
  std::string host() const { return fmt::format("127.0.0.1:{}", server.port()); }
  ImageName image() const { return {host(), "r/a", "1"}; }
};

net::Response gives(int status, std::string body = "", net::Headers headers = {}) {
  net::Response response = net::Response::json(status, std::move(body));
  for (const net::Header& header : headers) response.headers.add(header.name, header.value);
  return response;
}

net::Response wants_token(const std::string& realm) {
  return gives(401, "",
               {{"WWW-Authenticate", fmt::format(R"(Bearer realm="{}",service="s v")", realm)}});
}

net::Response wants_password() {
  return gives(401, "", {{"WWW-Authenticate", "Basic realm=\"r\""}});
}

const RegistryUser kUser{"json_key", Secret("canary-password")};
const char* const kBasic = "Basic anNvbl9rZXk6Y2FuYXJ5LXBhc3N3b3Jk";

RegistryClient client(const Registry& registry, const RegistryUser& user = kUser,
                      const std::string& token_service = "") {
  return {registry.image(), user, {.token_service = token_service}, [](int64_t) {}};
}

TEST_CASE("A blob is sent where the registry says, with its hash") {
  Registry registry(
      {gives(202, "", {{"Location", "/v2/r/a/blobs/uploads/7?state=x"}}), gives(201)});
  RegistryClient push = client(registry);
  const store::Digest digest = store::sha256("bytes");
  REQUIRE(push.put_blob(digest, {.text = "bytes"}).ok());
  CHECK(registry.asked ==
        std::vector<std::string>{
            "POST /v2/r/a/blobs/uploads/ -",
            fmt::format("PUT /v2/r/a/blobs/uploads/7?state=x&digest=sha256%3A{} -", digest.hex())});
  CHECK(registry.bodies[1] == "bytes");
}

TEST_CASE("A password is given where it is asked for, once") {
  Registry registry({wants_password(), gives(404)});
  RegistryClient push = client(registry);
  CHECK_FALSE(*push.has_blob(store::sha256("a")));
  CHECK_FALSE(*push.has_blob(store::sha256("a")));
  REQUIRE(registry.asked.size() == 3);
  CHECK(registry.asked[0].ends_with(" -"));
  CHECK(registry.asked[1].ends_with(kBasic));
  CHECK(registry.asked[2].ends_with(kBasic));
}

TEST_CASE("A token is fetched for the repository, and a new one when it has expired") {
  Registry registry({});
  registry.script = {wants_token(registry.server.url("/token")),
                     gives(200, R"({"token":"t1"})"),
                     gives(200),
                     wants_token(registry.server.url("/token")),
                     gives(200, R"({"access_token":"t2"})"),
                     gives(200)};
  RegistryClient push = client(registry);
  CHECK(*push.has_blob(store::sha256("a")));
  CHECK(*push.has_blob(store::sha256("a")));
  CHECK(registry.asked[1] ==
        fmt::format("GET /token?service=s%20v&scope=repository%3Ar%2Fa%3Apull%2Cpush {}", kBasic));
  CHECK(registry.asked[2].ends_with(" Bearer t1"));
  CHECK(registry.asked[3].ends_with(" Bearer t1"));
  CHECK(registry.asked[5].ends_with(" Bearer t2"));
}

TEST_CASE("A token service on another host gets nothing, unless a person has named it") {
  Registry elsewhere({gives(200, R"({"token":"t1"})")});
  Registry registry({wants_token(elsewhere.server.url("/token")), gives(200)});
  RegistryClient careful = client(registry);
  const Status refused = careful.check();
  CHECK(refused.code() == Code::kInvalidArgument);
  CHECK(refused.message().find("--token-service " + elsewhere.server.url("").substr(0, 17)) !=
        std::string::npos);
  registry.script = {wants_token(elsewhere.server.url("/token")), gives(200)};
  CHECK_FALSE(careful.has_blob(store::sha256("a")).ok());
  CHECK(elsewhere.asked.empty());

  registry.script = {wants_token(elsewhere.server.url("/token")), gives(200)};
  RegistryClient told = client(registry, kUser, elsewhere.server.url(""));
  CHECK(*told.has_blob(store::sha256("a")));
  CHECK(elsewhere.asked.size() == 1);
}

TEST_CASE("An upload on another host gets the bytes and no credentials") {
  Registry storage({gives(201)});
  Registry registry({wants_password(), gives(202, "", {{"Location", storage.server.url("/up")}})});
  RegistryClient push = client(registry);
  REQUIRE(push.put_blob(store::sha256("a"), {.text = "a"}).ok());
  REQUIRE(storage.asked.size() == 1);
  CHECK(storage.asked[0].starts_with("PUT /up?digest=sha256%3A"));
  CHECK(storage.asked[0].ends_with(" -"));
}

TEST_CASE("A redirect is not followed, by uploads, by manifests nor by the token service") {
  Registry elsewhere({gives(200, R"({"token":"t1"})")});
  const net::Response away = gives(307, "", {{"Location", elsewhere.server.url("/x")}});
  Registry registry({gives(202, "", {{"Location", "/up"}}), away});
  RegistryClient push = client(registry);
  const Status refused = push.put_blob(store::sha256("a"), {.text = "a"});
  CHECK(refused.message().find("a redirect, which credentials do not follow") != std::string::npos);
  registry.script = {away};
  CHECK_FALSE(push.put_manifest("t", "{}").ok());
  registry.script = {wants_token(registry.server.url("/token")), away};
  CHECK_FALSE(push.has_blob(store::sha256("a")).ok());
  CHECK(elsewhere.asked.empty());
  registry.script = {away};
  CHECK(*push.has_blob(store::sha256("a")));  // it is there, wherever that is
}

TEST_CASE("What is busy is tried again, what is refused is not") {
  Registry registry({gives(503), gives(202, "", {{"Location", "/up"}}), gives(502),
                     gives(202, "", {{"Location", "/up"}}), gives(201)});
  RegistryClient push = client(registry);
  CHECK(push.put_blob(store::sha256("a"), {.text = "a"}).ok());
  CHECK(registry.asked.size() == 5);
  Registry full({gives(507)});
  CHECK(client(full).put_blob(store::sha256("a"), {.text = "a"}).code() == Code::kBusy);
  CHECK(full.asked.size() == 4);
  Registry refusing(
      {gives(403, R"({"errors":[{"code":"DENIED","message":"canary-password may not"}]})")});
  const Status status = client(refusing).put_blob(store::sha256("a"), {.text = "a"});
  CHECK(status.message() == refusing.host() + ": POST blobs/uploads/: HTTP 403: [secret] may not");
  CHECK(refusing.asked.size() == 1);
}

TEST_CASE("A password that is refused is told, and not that it is missing") {
  Registry registry({wants_password()});
  CHECK(client(registry).has_blob(store::sha256("a")).status().message().find("HTTP 401") !=
        std::string::npos);
  CHECK(client(registry, {}).has_blob(store::sha256("a")).status().message().find("--user NAME") !=
        std::string::npos);
}

TEST_CASE("A manifest goes under its tag, and must arrive as it was sent") {
  Registry registry({gives(201)});
  CHECK(client(registry).put_manifest("type/x", "{}").ok());
  CHECK(registry.asked[0] == "PUT /v2/r/a/manifests/1 -");
  registry.script = {gives(201, "", {{"Docker-Content-Digest", "sha256:00"}})};
  CHECK(client(registry).put_manifest("type/x", "{}").code() == Code::kCorrupt);
}

}  // namespace
}  // namespace samovar::cloud
