// What hostile, broken and slow clients see of HttpServer.
#include "net/http_server.h"
#include "net/http_test_support.h"

#include <atomic>
#include <memory>

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

ServerOptions short_times() {
  return {.head_timeout_ms = 150,
          .body_timeout_ms = 150,
          .min_body_bytes_per_s = 1'000'000,
          .keep_alive_ms = 150,
          .linger_ms = 150};
}

TEST_CASE("A body over the limit is refused with 413, announced or chunked") {
  TestServer server(echo, {.max_body_bytes = 1000});
  const std::string bytes(2000, 'x');
  for (const std::string& request :
       {post("/", bytes),
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7D0\r\n" + bytes +
            "\r\n0\r\n\r\n"}) {
    RawPeer peer(server.port());
    peer.send(request);
    const RawAnswer answer = peer.answer();
    CHECK(answer.status == 413);
    CHECK(answer.body.find("payload_too_large") != std::string::npos);
    CHECK(answer.has("Connection: close"));
    peer.finish();
    CHECK(peer.ended_within(5000));
  }
}

TEST_CASE("A client that sends on after the refusal still gets it") {
  TestServer server(echo, {.max_body_bytes = 1000});
  RawPeer peer(server.port());
  peer.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
  for (int i = 0; i < 30; ++i) peer.send(std::string(100'000, 'x'));
  CHECK(peer.answer().status == 413);
}

TEST_CASE("Heads over the limits are refused: long lines, long and many headers") {
  TestServer server;
  std::string many;
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  const struct {
    int status;
    std::string request;
  } cases[] = {{414, "GET /" + std::string(40'000, 'a')},
               {431, get("/", "A: " + std::string(9000, 'a') + "\r\n")},
               {431, get("/", many)}};
  for (const auto& [status, request] : cases) {
    RawPeer peer(server.port());
    peer.send(request);
    CHECK(peer.answer().status == status);
  }
}

TEST_CASE("Requests that two parsers could read in two ways are refused and nothing follows") {
  auto n_handled = std::make_shared<std::atomic<int>>(0);
  TestServer server([n_handled](Request request, const Responder& responder) {
    ++*n_handled;
    echo(std::move(request), responder);
  });
  const std::string evil = get("/evil");
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::string requests[] = {
      head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      head + "Content-Length: 0\r\nContent-Length: 40\r\n\r\n",
      head + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
      head + "Content-Length: +5\r\n\r\nhello",
      head + "Content-Length: 0, 5\r\n\r\nhello",
      head + "Content-Length: 0x5\r\n\r\nhello",
      head + "Content-Length: 99999999999999999999\r\n\r\nhello",
      head + "Content-Length : 5\r\n\r\nhello",
      head + " Content-Length: 5\r\n\r\nhello",
      head + "X: y\n\r\n",
      head + "X: y\r\n\n",
      head + "X: y\rZ: a\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nab\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\ng\r\n\r\n",
      head + "Host: other\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET http:// HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  };
  for (const std::string& request : requests) {
    CAPTURE(request);
    RawPeer peer(server.port());
    peer.send(request + evil);
    CHECK(peer.answer().status / 100 == 4);
    peer.finish();
    CHECK(peer.read_to_end().empty());
  }
  CHECK(*n_handled == 0);
}

TEST_CASE("A head that comes drop by drop is answered 408 in time") {
  TestServer server(echo, short_times());
  RawPeer peer(server.port());
  const std::string request = get("/", "A: " + std::string(1000, 'a') + "\r\n");
  size_t n_sent = 0;
  while (n_sent < request.size() && peer.send(request.substr(n_sent, 1))) {
    ++n_sent;
    if (peer.ended_within(10)) break;
  }
  CHECK(n_sent < request.size());
  CHECK(server.log().receive() == "GET  408");
}

TEST_CASE("A body that does not come is answered 408") {
  TestServer server(echo, short_times());
  RawPeer peer(server.port());
  peer.send("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  const RawAnswer answer = peer.answer();
  CHECK(answer.status == 408);
  CHECK(peer.ended_within(5000));
}

TEST_CASE("Silent connections are closed without an answer, new ones and used ones") {
  TestServer server(echo, short_times());
  RawPeer fresh(server.port()), used(server.port());
  used.send(get("/"));
  CHECK(used.answer().status == 200);
  CHECK(fresh.read_to_end().empty());
  CHECK(used.read_to_end().empty());
}

TEST_CASE("A client that never closes is closed after the linger time") {
  TestServer server(echo, short_times());
  RawPeer peer(server.port());
  peer.send(get("/", "Connection: close\r\n"));
  CHECK(peer.answer().status == 200);
  REQUIRE(peer.ended_within(5000));
  // Our side is open still; the server must let go of its own.
  server.wait_until_empty();
}

TEST_CASE("Connections over the limit get 503 and a Retry-After") {
  TestServer server(echo, {.max_connections = 2});
  RawPeer first(server.port()), second(server.port());
  for (RawPeer* peer : {&first, &second}) {
    peer->send(get("/"));
    REQUIRE(peer->answer().status == 200);
  }
  RawPeer third(server.port());
  const RawAnswer answer = third.answer();
  CHECK(answer.status == 503);
  CHECK(answer.has("Retry-After: 1"));
}

TEST_CASE("An answer that takes too long is cut and recorded as 499") {
  Mailbox<Responder> kept;
  TestServer server([&](const Request&, Responder responder) { kept.send(std::move(responder)); },
                    {.answer_timeout_ms = 100});
  RawPeer peer(server.port());
  peer.send(get("/long"));
  const auto responder = kept.receive();
  CHECK(peer.answer().status == 0);
  CHECK(server.log().receive() == "GET /long 499");
  CHECK(responder->closed());
}

TEST_CASE("A reader that takes nothing of a whole answer is cut after the stall time") {
  TestServer server(
      [](const Request&, const Responder& responder) {
        responder.send(Response::text(200, std::string(64 << 20, 'x')));
      },
      {.write_stall_ms = 150});
  RawPeer peer(server.port());
  peer.send(get("/huge"));
  CHECK(server.log().receive() == "GET /huge 200");
  server.wait_until_empty();
  CHECK_FALSE(peer.answer().whole);
}

}  // namespace
}  // namespace samovar::net
