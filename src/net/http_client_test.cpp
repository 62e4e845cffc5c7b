// HttpClient against our own server.
#include "net/http_client.h"

#include "net/http_test_support.h"

#include <cstdlib>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace samovar::net {
namespace {

// Loopback is asked directly, whatever proxy the environment names.
HttpClient client(ClientOptions options = {}) {
  setenv("no_proxy", "*", 1);
  return HttpClient(std::move(options));
}

Response redirect(int status, std::string location) {
  Response response = Response::text(status, "moved");
  response.headers.set("Location", std::move(location));
  return response;
}

// What the server saw of a request, as a text to compare.
Response seen(const Request& request) {
  std::string text = request.method_text + " " + request.path + " " + request.body;
  for (const char* name : {"Authorization", "Cookie", "X-Other", "Range", "If-Range"}) {
    if (const auto value = request.headers.find(name)) text += fmt::format("|{}={}", name, *value);
  }
  return Response::text(200, text);
}

void answer_seen(const Request& request, const Responder& responder) {
  responder.send(seen(request));
}

TEST_CASE("get, head and post bring status, headers and body") {
  TestServer server(answer_seen);
  HttpClient http = client();
  const auto got = http.get(server.url("/a?b"), {{"X-Other", "1"}});
  REQUIRE(got.ok());
  CHECK(got->response.status == 200);
  CHECK(got->response.body == "GET /a |X-Other=1");
  CHECK(got->response.headers.find("content-type") == "text/plain; charset=utf-8");
  CHECK(got->url == server.url("/a?b"));
  CHECK(got->body_bytes == got->response.body.size());

  const auto head = http.head(server.url("/a"));
  REQUIRE(head.ok());
  CHECK(head->response.headers.find("Content-Length") == "8");
  CHECK(head->response.body.empty());

  CHECK(server->n_connections() == 1);  // both over one connection
  const std::string body(300'000, 'x');
  const auto posted = http.post(server.url("/p"), {}, body);
  REQUIRE(posted.ok());
  CHECK(posted->response.body == "POST /p " + body);
}

TEST_CASE("A POST that a server may have begun is not sent again, though a connection was kept") {
  std::atomic<int> n_posts = 0;
  TestServer server([&](const Request& request, const Responder& responder) {
    if (request.method == Method::kGet) return responder.send(Response::text(200, "here"));
    ++n_posts;
    responder.abort();
  });
  HttpClient http = client();
  REQUIRE(http.get(server.url("/")).ok());
  CHECK(http.post(server.url("/"), {}, "once").status().code() == Code::kBusy);
  CHECK(n_posts == 1);
}

TEST_CASE("Statuses that mean failure are answers, not errors") {
  TestServer server([](const Request&, const Responder& responder) {
    responder.send(Response::text(404, "nothing here"));
  });
  int n_sunk = 0;
  HttpClient http = client();
  const auto answer = http.perform({.url = server.url("/"), .sink = [&](const auto&, auto) {
                                      ++n_sunk;
                                      return true;
                                    }});
  REQUIRE(answer.ok());
  CHECK(answer->response.status == 404);
  CHECK(answer->response.body == "nothing here");  // kept: it is no part of the file
  CHECK(n_sunk == 0);
}

TEST_CASE("Relative redirects are followed; 307 repeats a POST, 302 and 303 make it a GET") {
  TestServer server([](const Request& request, const Responder& responder) {
    if (!request.path.starts_with("/from/")) return answer_seen(request, responder);
    responder.send(redirect(std::stoi(request.path.substr(6)), "../to"));
  });
  const struct {
    int status;
    const char* result;
  } cases[] = {{301, "GET /to "},
               {302, "GET /to "},
               {303, "GET /to "},
               {307, "POST /to b"},
               {308, "POST /to b"}};
  HttpClient http = client();
  for (const auto& [status, result] : cases) {
    const auto answer = http.post(server.url(fmt::format("/from/{}", status)), {}, "b");
    REQUIRE(answer.ok());
    CHECK(answer->response.body == result);
    CHECK(answer->url == server.url("/to"));
  }
}

TEST_CASE("Credentials stay with the host that they were given for") {
  TestServer server([](const Request& request, const Responder& responder) {
    if (request.path == "/same") return responder.send(redirect(302, "/to"));
    if (request.path != "/away") return answer_seen(request, responder);
    std::string host(*request.headers.find("Host"));
    host.replace(0, host.find(':'), "localhost");
    responder.send(redirect(302, "http://" + host + "/to"));
  });
  ClientRequest request = {.url = server.url("/same"),
                           .headers = {{"Cookie", "c"}, {"X-Other", "o"}},
                           .authorization = Secret("Bearer k")};
  HttpClient http = client();
  const auto same = http.perform(request);
  REQUIRE(same.ok());
  CHECK(same->response.body == "GET /to |Authorization=Bearer k|Cookie=c|X-Other=o");
  request.url = server.url("/away");
  const auto away = http.perform(request);
  REQUIRE(away.ok());
  CHECK(away->response.body == "GET /to |X-Other=o");
}

TEST_CASE("Redirects that go on and on, lead nowhere or leave the web end in an error") {
  TestServer server([](const Request& request, const Responder& responder) {
    if (request.path == "/loop") return responder.send(redirect(302, "/loop"));
    if (request.path == "/file") return responder.send(redirect(302, "file:///etc/passwd"));
    if (request.path == "/bad") return responder.send(redirect(302, "http://h:99999/"));
    responder.send(Response::text(302, "no Location"));
  });
  HttpClient http = client();
  CHECK(http.get(server.url("/loop")).status().code() == Code::kUnsupported);
  CHECK(http.get(server.url("/file")).status().code() == Code::kUnsupported);
  CHECK(http.get(server.url("/bad")).status().code() == Code::kCorrupt);
  CHECK(http.get(server.url("/none")).status().code() == Code::kCorrupt);
}

TEST_CASE("A client that follows no redirects is given them") {
  TestServer server([](const Request&, const Responder& responder) {
    responder.send(redirect(302, "/elsewhere"));
  });
  HttpClient http = client({.max_redirects = 0});
  const auto answer = http.get(server.url("/"));
  REQUIRE(answer.ok());
  CHECK(answer->response.status == 302);
  CHECK(answer->response.headers.find("Location") == "/elsewhere");
}

TEST_CASE("Range and If-Range are passed on") {
  TestServer server(answer_seen);
  HttpClient http = client();
  ClientRequest request = {.url = server.url("/f"), .range_start = 1000};
  auto answer = http.perform(request);
  REQUIRE(answer.ok());
  CHECK(answer->response.body == "GET /f |Range=bytes=1000-");
  request.range_if = "\"etag\"";
  answer = http.perform(request);
  REQUIRE(answer.ok());
  CHECK(answer->response.body == "GET /f |Range=bytes=1000-|If-Range=\"etag\"");
}

TEST_CASE("A sink gets the body piece by piece and may cancel") {
  constexpr size_t kBytes = 3 << 20;
  TestServer server([](const Request&, const Responder& responder) {
    responder.send(Response::text(200, std::string(kBytes, 'x')));
  });
  HttpClient http = client({.max_body_bytes = 1000});  // not of what is streamed
  size_t n_bytes = 0;
  ClientRequest request = {.url = server.url("/"),
                           .sink = [&](const Response& head, std::string_view bytes) {
                             CHECK(head.status == 200);
                             CHECK(head.headers.has("Content-Length"));
                             n_bytes += bytes.size();
                             return true;
                           }};
  const auto whole = http.perform(request);
  REQUIRE(whole.ok());
  CHECK(n_bytes == kBytes);
  CHECK(whole->body_bytes == kBytes);
  CHECK(whole->response.body.empty());
  request.sink = [](const Response&, std::string_view) { return false; };
  CHECK(http.perform(request).status().code() == Code::kCancelled);
}

TEST_CASE("A body over the limit is kTooLarge, whole, streamed or under a redirect") {
  TestServer server([](const Request& request, const Responder& responder) {
    const std::string body(100'000, 'x');
    if (request.path == "/whole") return responder.send(Response::text(200, body));
    responder.begin_stream(request.path == "/moved" ? 302 : 200, {{"Location", "/whole"}});
    responder.write(body);
    responder.end();
  });
  HttpClient http = client({.max_body_bytes = 50'000});
  for (const char* path : {"/whole", "/stream", "/moved"}) {
    CHECK(http.get(server.url(path)).status().code() == Code::kTooLarge);
  }
}

TEST_CASE("A body that is cut off is kBusy: worth another try") {
  TestServer server([](const Request&, const Responder& responder) {
    responder.begin_stream(200, {});
    responder.write("half");
    responder.abort();
  });
  HttpClient http = client();
  CHECK(http.get(server.url("/")).status().code() == Code::kBusy);
}

TEST_CASE("A server that is silent for too long is kBusy; one that is cancelled is kCancelled") {
  Mailbox<Responder> kept;
  TestServer server([&](const Request&, const Responder& responder) { kept.send(responder); });
  HttpClient hurried = client({.total_timeout_ms = 100});
  CHECK(hurried.get(server.url("/")).status().code() == Code::kBusy);
  kept.receive();
  std::atomic<bool> cancel = false;
  std::optional<Responder> asked;
  std::thread canceller([&] {
    asked = kept.receive();
    cancel = true;
  });
  HttpClient http = client();
  const auto answer = http.perform({.url = server.url("/"), .cancel = &cancel});
  CHECK(answer.status().code() == Code::kCancelled);
  canceller.join();
}

TEST_CASE("A byte now and then is no silence; none for as long is kBusy") {
  Mailbox<Responder> asked;
  TestServer server([&](const Request&, const Responder& responder) { asked.send(responder); });
  HttpClient http = client({.low_speed_s = 0, .max_silence_s = 1});
  std::thread speaker([&] {
    const Responder responder = asked.receive().value();
    responder.begin_stream(200, {});
    for (int i = 0; i < 8; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
      responder.write(".");
    }
    responder.end();
  });
  const auto living = http.get(server.url("/"));
  speaker.join();
  REQUIRE_MESSAGE(living.ok(), living.status().message());
  CHECK(living->response.body == "........");
  const auto mute = http.get(server.url("/"));
  CHECK(mute.status().code() == Code::kBusy);
  CHECK(mute.status().message() == "127.0.0.1: nothing came for 1 s");
}

TEST_CASE("URLs that are none, or of another kind, are kInvalidArgument") {
  HttpClient http = client();
  for (const char* url : {"", "no url", "/path", "ftp://127.0.0.1/", "file:///etc/passwd"}) {
    CHECK(http.get(url).status().code() == Code::kInvalidArgument);
  }
}

TEST_CASE("A port where nobody listens is kBusy, and the message keeps the query to itself") {
  uint16_t port = 0;
  {
    const TestServer server;
    port = server.port();
  }
  HttpClient http = client();
  const auto answer = http.get(fmt::format("http://127.0.0.1:{}/?token=secret", port));
  CHECK(answer.status().code() == Code::kBusy);
  CHECK(answer.status().message().find("127.0.0.1") != std::string::npos);
  CHECK(answer.status().message().find("secret") == std::string::npos);
}

TEST_CASE("One learns whether anything was sent") {
  HttpClient http = client();
  {
    TestServer server(answer_seen);
    CHECK(http.get(server.url("/a")).ok());
    CHECK(http.was_sent());
  }
  uint16_t closed_port = 0;
  {
    TestServer server(answer_seen);
    closed_port = server.port();
  }
  CHECK_FALSE(http.get(fmt::format("http://127.0.0.1:{}/", closed_port)).ok());
  CHECK_FALSE(http.was_sent());
  TestServer mute([](const Request&, const Responder& responder) { responder.abort(); });
  HttpClient cut = client();
  CHECK_FALSE(cut.get(mute.url("/")).ok());
  CHECK(cut.was_sent());
}

TEST_CASE("A body may come from a file, whatever its position, and again on another connection") {
  TestServer server(echo);
  std::string path = "/tmp/samovar_upload_XXXXXX";
  const int fd = mkstemp(path.data());
  REQUIRE(fd >= 0);
  unlink(path.c_str());
  const std::string text(300'000, 'x');
  REQUIRE(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  HttpClient http = client();
  for (const size_t n : {text.size(), size_t{5}, size_t{0}}) {
    ClientRequest request{.method = Method::kPut, .url = server.url("/a")};
    request.upload_fd = fd;
    request.upload_bytes = n;
    const auto answer = http.perform(request);
    REQUIRE(answer.ok());
    CHECK(answer->response.body == "PUT /a " + text.substr(0, n));
  }
  ClientRequest longer{.method = Method::kPut, .url = server.url("/a")};
  longer.upload_fd = fd;
  longer.upload_bytes = text.size() + 1;
  CHECK(http.perform(longer).status().code() == Code::kCancelled);
  close(fd);
}

TEST_CASE("A direct client asks no proxy") {
  TestServer server(answer_seen);
  unsetenv("no_proxy");
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  HttpClient direct({.direct = true});
  CHECK(direct.get(server.url("/a")).ok());
  unsetenv("http_proxy");
}

TEST_CASE("Dates of HTTP are read") {
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK_FALSE(parse_http_date("soon"));
  CHECK_FALSE(parse_http_date(""));
  constexpr int64_t kNow = 784111770;
  CHECK(retry_after_s({{"Retry-After", "7"}}, kNow) == 7);
  CHECK(retry_after_s({{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}}, kNow) == 7);
  CHECK(retry_after_s({{"Retry-After", "Sun, 06 Nov 1994 08:49:20 GMT"}}, kNow) == 0);
  CHECK(retry_after_s({{"Retry-After", "99999999999999999999"}}, kNow) == std::nullopt);
  CHECK(retry_after_s({{"Retry-After", "9999999"}}, kNow) == 86'400);
  CHECK(retry_after_s({{"Retry-After", "soon"}}, kNow) == std::nullopt);
  CHECK(retry_after_s({}, kNow) == std::nullopt);
}

}  // namespace
}  // namespace samovar::net
