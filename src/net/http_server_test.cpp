// What a well-behaved client sees of HttpServer.
#include "net/http_server.h"

#include "net/http_test_support.h"

#include <stdexcept>

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

TEST_CASE("GET and POST are answered on one connection, one after the other") {
  TestServer server;
  RawPeer peer(server.port());
  peer.send(get("/a%20b?x=1"));
  const RawAnswer first = peer.answer();
  CHECK(first.status == 200);
  CHECK(first.body == "GET /a b ");
  CHECK(first.has("Content-Type: text/plain; charset=utf-8"));
  CHECK_FALSE(first.has("Connection: close"));
  peer.send(post("/p", "hello"));
  CHECK(peer.answer().body == "POST /p hello");
  CHECK(server->n_connections() == 1);
}

TEST_CASE("Pipelined requests are answered in their order") {
  TestServer server;
  RawPeer peer(server.port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += post("/" + std::to_string(i), std::string(100, 'x'));
  peer.send(all);
  for (int i = 0; i < 50; ++i) {
    REQUIRE(peer.answer().body == "POST /" + std::to_string(i) + " " + std::string(100, 'x'));
  }
}

TEST_CASE("A chunked body that comes in pieces is put together") {
  TestServer server;
  RawPeer peer(server.port());
  peer.send("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwi");
  peer.send("ki\r\n5;x=y\r\npedia\r");
  peer.send("\n0\r\n\r\n");
  CHECK(peer.answer().body == "POST /c wikipedia");
}

TEST_CASE("A large body goes there and back") {
  TestServer server;
  RawPeer peer(server.port());
  const std::string body(5 << 20, 'b');
  peer.send(post("/big", body));
  CHECK(peer.answer().body == "POST /big " + body);
}

TEST_CASE("HEAD gets the head of GET's answer and the connection goes on") {
  TestServer server;
  RawPeer peer(server.port());
  peer.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
  const RawAnswer head = peer.answer("HEAD");
  CHECK(head.status == 200);
  CHECK(head.has("Content-Length: 8"));  // "HEAD /x "
  peer.send(get("/y"));
  CHECK(peer.answer().body == "GET /y ");
}

TEST_CASE("OPTIONS reaches the handler, for a path and for the whole server") {
  TestServer server;
  RawPeer peer(server.port());
  for (const std::string path : {"/v1/models", "*"}) {
    peer.send("OPTIONS " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(peer.answer().body == "OPTIONS " + path + " ");
  }
}

TEST_CASE("The client's X-Request-Id comes back when it is valid, else the server makes one") {
  TestServer server;
  RawPeer peer(server.port());
  peer.send(get("/", "X-Request-Id: abc-1\r\n"));
  CHECK(peer.answer().has("X-Request-Id: abc-1"));
  for (const std::string& bad : {std::string("a b"), std::string(129, 'x')}) {
    peer.send(get("/", "X-Request-Id: " + bad + "\r\n"));
    const RawAnswer answer = peer.answer();
    CHECK(answer.head.find("\r\nX-Request-Id: req-") != std::string::npos);
    CHECK(answer.head.find(bad) == std::string::npos);
  }
}

TEST_CASE("A client that expects 100 Continue gets it before it sends the body") {
  TestServer server;
  RawPeer peer(server.port());
  peer.send("POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(peer.answer().status == 100);
  peer.send("ok");
  CHECK(peer.answer().body == "POST /e ok");
}

TEST_CASE("HTTP/1.0 and Connection: close end the connection after the answer") {
  TestServer server;
  for (const char* request :
       {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}) {
    RawPeer peer(server.port());
    peer.send(request);
    const RawAnswer answer = peer.answer();
    CHECK(answer.body == "GET / ");
    CHECK(answer.has("Connection: close"));
    CHECK(peer.ended_within(5000));
  }
}

TEST_CASE("Header values of handlers can't break out of their line") {
  TestServer server([](const Request&, const Responder& responder) {
    Response response = Response::text(200, "x");
    response.headers.set("X-A", "1\r\nSet-Cookie: evil=1");
    response.headers.set("Content-Length", "999");
    responder.send(std::move(response));
  });
  RawPeer peer(server.port());
  peer.send(get("/"));
  const RawAnswer answer = peer.answer();
  CHECK(answer.has("X-A: 1  Set-Cookie: evil=1"));
  CHECK(answer.has("Content-Length: 1"));
  CHECK(answer.body == "x");
}

TEST_CASE("A handler that throws or forgets its answer costs a 500, not the server") {
  TestServer server([](Request request, Responder responder) {
    if (request.path == "/throw") throw std::runtime_error("a bug");
    if (request.path == "/forget") return;
    echo(std::move(request), responder);
  });
  RawPeer peer(server.port());
  for (const char* path : {"/throw", "/forget"}) {
    peer.send(get(path));
    CHECK(peer.answer().status == 500);
  }
  peer.send(get("/fine"));
  CHECK(peer.answer().status == 200);
}

TEST_CASE("Every answer is told to on_access, with its path and status") {
  TestServer server;
  RawPeer peer(server.port());
  peer.send(get("/a?secret=1"));
  CHECK(server.log().receive() == "GET /a 200");
  peer.send("bad line\r\n\r\n");
  CHECK(server.log().receive() == "GET  400");
}

TEST_CASE("decorate adds headers to whole, streamed and the server's own answers") {
  ServerOptions options{.max_body_bytes = 10};
  options.decorate = [](const Request& request, Headers& headers) {
    headers.set("X-Seen", request.path + request.body);
  };
  TestServer server(
      [](const Request& request, const Responder& responder) {
        if (request.path != "/stream") return responder.send(Response::text(200, "whole"));
        responder.begin_stream(200, {{"X-Seen", "handler"}});
        responder.write("part");
        responder.end();
      },
      std::move(options));
  RawPeer peer(server.port());
  for (const std::string path : {"/whole", "/stream"}) {
    peer.send(post(path, "body"));
    const RawAnswer answer = peer.answer();
    CHECK(answer.status == 200);
    CHECK(answer.has("X-Seen: " + path));
    CHECK(answer.whole);
  }
  peer.send(post("/large", std::string(11, 'x')));
  const RawAnswer refused = peer.answer();
  CHECK(refused.status == 413);
  CHECK(refused.has("X-Seen: /large"));
}

TEST_CASE("decorate is not asked about a request that could not be read") {
  ServerOptions options;
  options.decorate = [](const Request&, Headers& headers) { headers.set("X-Seen", "1"); };
  TestServer server(echo, std::move(options));
  RawPeer peer(server.port());
  peer.send("\x16\x03\x01 what\r\n\r\n");
  const RawAnswer answer = peer.answer();
  CHECK(answer.status == 400);
  CHECK_FALSE(answer.has("X-Seen: 1"));
}

TEST_CASE("Tasks run on I/O threads, at once and after a delay") {
  TestServer server;
  Mailbox<int> done;
  server->after(30, [&] { done.send(2); });
  server->post([&] { done.send(1); });
  CHECK(done.receive() == 1);
  CHECK(done.receive() == 2);
}

TEST_CASE("Several I/O threads serve many connections") {
  TestServer server(echo, {.n_io_threads = 3});
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 40; ++i) peers.push_back(std::make_unique<RawPeer>(server.port()));
  for (int round = 0; round < 5; ++round) {
    for (const auto& peer : peers) peer->send(post("/r", std::to_string(round)));
    for (const auto& peer : peers) {
      REQUIRE(peer->answer().body == "POST /r " + std::to_string(round));
    }
  }
  CHECK(server->n_connections() == 40);
}

}  // namespace
}  // namespace samovar::net
