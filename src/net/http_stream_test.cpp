// Streamed answers, and answers whose reader goes away.
#include "net/http_server.h"
#include "net/http_test_support.h"
#include "net/sse.h"

#include <thread>

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

// Hands every Responder to the test; what goes is told in `gone`.
struct Held {
  Mailbox<Responder> responders;
  Mailbox<std::string> gone;

  Handler handler() {
    return [this](const Request& request, const Responder& responder) {
      responder.on_close([this, path = request.path] { gone.send(path); });
      responders.send(responder);
    };
  }
  Responder next() { return *responders.receive(); }
};

TEST_CASE("A stream arrives piece by piece while it is made, and the connection goes on") {
  Held held;
  TestServer server(held.handler());
  RawPeer peer(server.port());
  peer.send(get("/s") + get("/after"));
  const Responder stream = held.next();
  stream.begin_stream(200, sse::headers());
  stream.write(sse::event("one"));
  const std::string start = peer.read_until("data: one\n\n\r\n");
  CHECK(start.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(start.find("Content-Type: text/event-stream\r\n") != std::string::npos);
  stream.write("");  // an empty chunk would end the body
  stream.write(sse::event("two"));
  stream.end();
  CHECK(peer.read_until("0\r\n\r\n") == "b\r\ndata: two\n\n\r\n0\r\n\r\n");
  held.next().send(Response::text(200, "after"));
  CHECK(peer.answer().body == "after");
  CHECK_FALSE(held.gone.try_receive());
}

TEST_CASE("An HTTP/1.0 client gets a stream without chunks up to the connection's end") {
  Held held;
  TestServer server(held.handler());
  RawPeer peer(server.port());
  peer.send("GET / HTTP/1.0\r\n\r\n");
  const Responder stream = held.next();
  stream.begin_stream(200, {});
  stream.write("one ");
  stream.write("two");
  stream.end();
  const std::string all = peer.read_to_end();
  CHECK(all.ends_with("\r\n\r\none two"));
  CHECK(all.find("chunked") == std::string::npos);
}

TEST_CASE("HEAD of a stream gets its head alone") {
  Held held;
  TestServer server(held.handler());
  RawPeer peer(server.port());
  peer.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + get("/after"));
  const Responder stream = held.next();
  stream.begin_stream(200, {});
  stream.write("never seen");
  stream.end();
  CHECK(peer.answer("HEAD").status == 200);
  held.next().send(Response::text(200, "after"));
  CHECK(peer.answer().body == "after");
}

TEST_CASE("A silent stream is pinged, a talking one less, an ended one not at all") {
  Held held;
  TestServer server(held.handler());
  RawPeer peer(server.port());
  peer.send(get("/s"));
  const Responder stream = held.next();
  stream.begin_stream(200, sse::headers(), {std::string(sse::kComment), 20});
  for (int i = 0; i < 3; ++i) CHECK(peer.read_until("3\r\n:\n\n\r\n").ends_with(":\n\n\r\n"));
  stream.write(sse::kDone.data());
  stream.end();
  CHECK(peer.read_until("0\r\n\r\n").find("[DONE]") != std::string::npos);
  CHECK_FALSE(peer.ended_within(60));
  peer.send(get("/next"));
  held.next().send(Response::text(200, "next"));
  CHECK(peer.answer().body == "next");  // no ping before its head
}

TEST_CASE("A stream whose Responder is dropped or aborted ends in a cut, not in a clean end") {
  Held held;
  TestServer server(held.handler());
  for (const bool aborted : {false, true}) {
    RawPeer peer(server.port());
    peer.send(get("/s"));
    {
      const Responder stream = held.next();
      stream.begin_stream(200, {});
      stream.write("half");
      peer.read_until("half\r\n");
      if (aborted) stream.abort();
    }
    bool cut = false;
    CHECK(peer.read_to_end(&cut).empty());
    CHECK(cut);
    CHECK(held.gone.receive() == "/s");
  }
}

TEST_CASE("A client that leaves while the handler computes is noticed, by FIN and by RST") {
  Held held;
  TestServer server(held.handler());
  for (const bool reset : {false, true}) {
    RawPeer peer(server.port());
    peer.send(get("/compute"));
    const Responder responder = held.next();
    CHECK_FALSE(responder.closed());
    if (reset) {
      peer.reset();
    } else {
      peer.finish();
    }
    CHECK(held.gone.receive() == "/compute");
    CHECK(responder.closed());
    responder.send(Response::text(200, "into the void"));
    CHECK(server.log().receive() == "GET /compute 499");
  }
}

TEST_CASE("A client that leaves is noticed even behind more bytes than the server reads ahead") {
  Held held;
  TestServer server(held.handler());
  RawPeer peer(server.port());
  peer.send(get("/compute"));
  const Responder responder = held.next();
  peer.send(std::string(100'000, 'x'));
  peer.finish();
  CHECK(held.gone.receive() == "/compute");
}

TEST_CASE("on_close set after the client has left runs at once; after the end it never runs") {
  Mailbox<Responder> responders;
  TestServer server([&](const Request&, const Responder& r) { responders.send(r); });
  Mailbox<int> called;
  {
    RawPeer peer(server.port());
    peer.send(get("/left"));
    const Responder left = *responders.receive();
    peer.finish();
    CHECK(server.log().receive() == "GET /left 499");
    left.on_close([&] { called.send(1); });
    CHECK(called.receive() == 1);
  }
  RawPeer peer(server.port());
  peer.send(get("/fine"));
  const Responder fine = *responders.receive();
  fine.on_close([&] { called.send(2); });
  fine.send(Response::text(200, "x"));
  CHECK(peer.answer().status == 200);
  peer.finish();
  server.wait_until_empty();
  CHECK_FALSE(called.try_receive());
}

TEST_CASE("A second answer to one request is ignored") {
  Held held;
  TestServer server(held.handler());
  RawPeer peer(server.port());
  peer.send(get("/a") + get("/b"));
  const Responder first = held.next();
  for (const char* body : {"one", "two"}) first.send(Response::text(200, body));
  first.begin_stream(200, {});
  first.end();
  CHECK(peer.answer().body == "one");
  held.next().send(Response::text(200, "three"));
  CHECK(peer.answer().body == "three");
}

TEST_CASE("A reader that lags too far behind a stream is cut off, and the maker learns it") {
  Held held;
  TestServer server(held.handler(), {.slow_reader_bytes = 100'000});
  RawPeer peer(server.port());
  peer.send(get("/s"));
  const Responder stream = held.next();
  stream.begin_stream(200, {});
  const std::string piece(10'000, 'x');
  for (int i = 0; i < 100'000 && !stream.closed(); ++i) stream.write(piece);
  CHECK(stream.closed());
  CHECK(held.gone.receive() == "/s");
  bool cut = false;
  peer.read_to_end(&cut);
  CHECK(cut);
}

TEST_CASE("Two threads answer two connections while their clients come and go") {
  Held held;
  TestServer server(held.handler(), {.n_io_threads = 2});
  constexpr int kRequests = 200;
  const auto serve = [&] {
    for (int i = 0; i < kRequests; ++i) {
      const Responder stream = held.next();
      stream.begin_stream(200, {});
      for (int n = 0; n < 5; ++n) stream.write("token ");
      stream.end();
    }
  };
  std::thread first(serve), second(serve);
  for (int i = 0; i < kRequests; ++i) {
    RawPeer stays(server.port()), leaves(server.port());
    stays.send(get("/stays"));
    leaves.send(get("/leaves"));
    leaves.read_until("token");
    leaves.reset();
    REQUIRE(stays.answer().body == "token token token token token ");
  }
  first.join();
  second.join();
}

}  // namespace
}  // namespace samovar::net
