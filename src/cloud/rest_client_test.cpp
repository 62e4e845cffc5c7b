// The cloud's REST APIs: pages, operations, busy services.
#include "cloud/rest_client.h"

#include "json/json.h"
#include "net/http_test_support.h"

#include <cstdlib>
#include <deque>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

struct ScriptedCloud {
  std::deque<net::Response> answers;
  std::vector<std::string> asked;
  std::vector<int64_t> slept_ms;
  FakeClock clock;
  Credentials credentials{fixed_source("Bearer", Secret("t1.canary-canary")), clock};
  net::TestServer server{[this](const net::Request& request, const net::Responder& responder) {
    asked.push_back(request.method_text + " " + request.path +
                    (request.query.empty() ? "" : "?" + request.query) + " " + request.body +
                    std::string(request.headers.find("Authorization").value_or("")));
    responder.send(answers.front());
    answers.pop_front();
  }};
  RestClient rest;

  explicit ScriptedCloud(std::deque<net::Response> script)
      : answers(std::move(script)),
        rest(credentials, urls(), "", [this](int64_t ms) { slept_ms.push_back(ms); }) {
    setenv("no_proxy", "*", 1);
  }
  CloudUrls urls() const { return {.operation = server.url("")}; }
};

net::Response json_answer(int status, std::string text) {
  return net::Response::json(status, std::move(text));
}

TEST_CASE("A list is read page by page") {
  ScriptedCloud setup({json_answer(200, R"({"things": [1, 2], "nextPageToken": "a b&c=d+e/"})"),
                       json_answer(200, R"({"things": [3]})")});
  const auto things = setup.rest.list(setup.server.url("/v1/things?folderId=f"), "things");
  REQUIRE(things.ok());
  CHECK(things->size() == 3);
  CHECK(setup.asked ==
        std::vector<std::string>{
            "GET /v1/things?folderId=f Bearer t1.canary-canary",
            "GET /v1/things?folderId=f&pageToken=a%20b%26c%3Dd%2Be%2F Bearer t1.canary-canary"});
}

TEST_CASE("An empty list has no member at all") {
  ScriptedCloud setup({json_answer(200, "{}")});
  CHECK(setup.rest.list(setup.server.url("/v1/things"), "things")->empty());
}

TEST_CASE("A busy service is asked again, but what makes something is not repeated") {
  ScriptedCloud setup(
      {json_answer(429, "{}"), json_answer(503, "{}"), json_answer(200, R"({"a": 1})")});
  CHECK(setup.rest.get(setup.server.url("/x")).ok());
  CHECK(setup.slept_ms == std::vector<int64_t>{1000, 2000});
  ScriptedCloud posting({json_answer(503, "{}")});
  CHECK(posting.rest.post(posting.server.url("/x"), {{"a", 1}}).status().code() == Code::kBusy);
  CHECK(posting.asked.size() == 1);
}

TEST_CASE("An operation is waited for, and its error told") {
  ScriptedCloud setup(
      {json_answer(200, R"({"id": "o1", "done": false})"), json_answer(200, R"({"id": "o1"})"),
       json_answer(200, R"({"id": "o1", "done": true, "response": {"id": "made"}})")});
  const auto made = setup.rest.run(setup.server.url("/v1/things"), {{"name", "n"}});
  REQUIRE(made.ok());
  CHECK((*made)["id"] == "made");
  CHECK(setup.asked[2].starts_with("GET /operations/o1 "));

  ScriptedCloud failing({json_answer(
      200, R"({"id": "o1", "done": true, "error": {"code": 6, "message": "is there"}})")});
  const auto failed = failing.rest.run(failing.server.url("/v1/things"), {{"name", "n"}});
  CHECK(failed.status().message().ends_with("/v1/things: is there"));
}

TEST_CASE("An error names what was asked, and no token") {
  ScriptedCloud setup({json_answer(403, R"({"code": 7, "message": "t1.canary-canary may not"})")});
  const auto answer = setup.rest.get(setup.server.url("/v1/folders/f?x=y"));
  const std::string said(answer.status().message());
  CHECK(said.ends_with("/v1/folders/f: HTTP 403: [secret] may not"));
  CHECK(said.starts_with("GET http://127.0.0.1:"));
}

}  // namespace
}  // namespace samovar::cloud
