// Listening, draining and stopping.
#include "net/http_server.h"
#include "net/http_test_support.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <optional>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

std::string socket_path(const char* name) {
  const auto folder = std::filesystem::temp_directory_path();
  return (folder / ("samovar-" + std::to_string(getpid()) + name + ".sock")).string();
}

TEST_CASE("A busy port is named in the error") {
  TestServer server;
  const auto second = HttpServer::listen({.port = server.port()}, echo);
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().code() == Code::kBusy);
  CHECK(second.status().message().find(std::to_string(server.port())) != std::string::npos);
}

TEST_CASE("Hosts that can't be listened on are refused by name") {
  for (const std::string host : {"203.0.113.7", "no.such.host.invalid", "/no/such/folder/x.sock"}) {
    const auto server = HttpServer::listen({.hosts = {host}, .port = 0}, echo);
    REQUIRE_FALSE(server.ok());
    CHECK(server.status().message().find(host) != std::string::npos);
  }
  CHECK_FALSE(HttpServer::listen({.hosts = {}}, echo).ok());
  CHECK_FALSE(HttpServer::listen({.port = 0, .n_io_threads = 0}, echo).ok());
  CHECK_FALSE(HttpServer::listen({.port = 0, .linger_ms = 0}, echo).ok());
}

TEST_CASE("Both families are served on one port where the machine has IPv6") {
  auto server = HttpServer::listen({.hosts = {"127.0.0.1", "::1"}, .port = 0}, echo);
  if (!server.ok()) {
    MESSAGE("no IPv6 here: " << server.status().message());
    return;
  }
  (*server)->start();
  CHECK((*server)->addresses().size() == 2);
  for (const int family : {AF_INET, AF_INET6}) {
    RawPeer peer((*server)->port(), family);
    peer.send(get("/"));
    CHECK(peer.answer().status == 200);
  }
}

TEST_CASE("A unix socket is served, its stale file is replaced and its file goes with the server") {
  const std::string path = socket_path("");
  const auto who = [](const Request& request, const Responder& responder) {
    responder.send(Response::text(200, request.remote_address));
  };
  {
    auto server = HttpServer::listen({.hosts = {path}}, who);
    REQUIRE(server.ok());
    CHECK((*server)->port() == 0);
    CHECK((*server)->addresses() == std::vector<std::string>{"unix:" + path});
    (*server)->start();
    RawPeer peer(path);
    peer.send(get("/"));
    CHECK(peer.answer().body == "unix");
    CHECK(HttpServer::listen({.hosts = {path}}, who).status().code() == Code::kBusy);
  }
  CHECK_FALSE(std::filesystem::exists(path));
  {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    close(fd);  // as after a crash
  }
  CHECK(HttpServer::listen({.hosts = {path}}, who).ok());
}

TEST_CASE("A server that ends leaves the socket file of the next one at the same path alone") {
  const std::string path = socket_path("-next");
  auto first = HttpServer::listen({.hosts = {path}}, echo);
  REQUIRE(first.ok());
  (*first)->start();
  REQUIRE((*first)->drain(10'000));
  auto next = HttpServer::listen({.hosts = {path}}, echo);
  REQUIRE(next.ok());
  first->reset();
  CHECK(std::filesystem::exists(path));
  next->reset();
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("drain ends idle connections, lets a running answer end and refuses new connections") {
  Mailbox<Responder> responders;
  TestServer server([&](const Request&, const Responder& r) { responders.send(r); });
  RawPeer busy(server.port()), idle(server.port());
  busy.send(get("/run"));
  const Responder running = *responders.receive();
  auto drained = std::async(std::launch::async, [&] { return server->drain(10'000); });
  CHECK(idle.read_to_end().empty());
  idle.finish();
  CHECK_FALSE(RawPeer(server.port()).connected());
  CHECK(drained.wait_for(seconds(0)) == std::future_status::timeout);
  running.send(Response::text(200, "done"));
  const RawAnswer answer = busy.answer();
  CHECK(answer.body == "done");
  CHECK(answer.has("Connection: close"));
  busy.finish();
  CHECK(drained.get());
}

TEST_CASE("drain gives up after its time; stop then cuts what runs") {
  Mailbox<Responder> responders;
  Mailbox<int> gone;
  std::optional<TestServer> server;
  server.emplace([&](const Request&, const Responder& r) {
    r.on_close([&] { gone.send(1); });
    responders.send(r);
  });
  RawPeer peer(server->port());
  peer.send(get("/run"));
  const Responder running = *responders.receive();
  CHECK_FALSE((*server)->drain(50));
  (*server)->stop();
  CHECK(gone.receive() == 1);
  CHECK(running.closed());
  CHECK(peer.answer().status == 0);
  (*server)->stop();  // once more: nothing
  (*server)->post([] {});
  CHECK((*server)->drain(50));
  server.reset();
  running.send(Response::text(200, "after the server's end"));
  bool told = false;
  running.on_close([&] { told = true; });
  CHECK(told);
}

TEST_CASE("stop ends connections in every phase") {
  Mailbox<Responder> responders;
  TestServer server([&](const Request&, const Responder& r) { responders.send(r); });
  RawPeer idle(server.port()), head(server.port()), body(server.port()), answering(server.port()),
      streaming(server.port()), stalled(server.port());
  head.send("GET / HT");
  body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  answering.send(get("/"));
  const Responder answer = *responders.receive();
  streaming.send(get("/"));
  const Responder stream = *responders.receive();
  stream.begin_stream(200, {}, {":\n\n", 10});
  streaming.read_until(":\n\n");
  stalled.send(get("/"));
  responders.receive()->send(Response::text(200, std::string(32 << 20, 'x')));
  const auto begin = steady_clock::now();
  server->stop();
  CHECK(steady_clock::now() - begin < seconds(5));
  for (RawPeer* peer : {&idle, &head, &body, &answering, &streaming, &stalled}) {
    CHECK(peer->ended_within(5000));
  }
}

// A connection that was accepted while the acceptors closed must not keep stop() waiting.
TEST_CASE("stop and drain return in time while connections rush in") {
  for (int round = 0; round < 20; ++round) {
    TestServer server;
    std::thread rush([port = server.port()] {
      for (int i = 0; i < 2000; ++i) {
        RawPeer peer(port);
        if (!peer.connected() || !peer.send("GET / HT")) return;
      }
    });
    RawPeer(server.port()).send(get("/"));
    CHECK(server.log().receive() == "GET / 200");
    const auto begin = steady_clock::now();
    if (round % 2 == 0) server->drain(100);
    server->stop();
    CHECK(steady_clock::now() - begin < seconds(5));
    CHECK(server->n_connections() == 0);
    rush.join();
  }
}

TEST_CASE("stop_accepting refuses new connections and keeps the old ones") {
  TestServer server;
  RawPeer old(server.port());
  old.send(get("/1"));
  REQUIRE(old.answer().status == 200);
  server->stop_accepting();
  Mailbox<int> later;  // behind the closing of the acceptors
  server->after(0, [&] { later.send(1); });
  later.receive();
  CHECK_FALSE(RawPeer(server.port()).connected());
  old.send(get("/2"));
  CHECK(old.answer().status == 200);
}

TEST_CASE("A server that never started can be destroyed, drained and stopped") {
  auto server = HttpServer::listen({.port = 0}, echo);
  REQUIRE(server.ok());
  (*server)->after(1, [] {});
  CHECK((*server)->drain(50));
  (*server)->stop();
}

TEST_CASE("Signals reach the callback") {
  TestServer server;
  Mailbox<int> seen;
  REQUIRE(server->on_signals({SIGUSR1}, [&](int signal) { seen.send(signal); }).ok());
  Mailbox<int> watched;
  server->after(0, [&] { watched.send(1); });
  watched.receive();
  for (int i = 0; i < 2; ++i) {
    kill(getpid(), SIGUSR1);
    CHECK(seen.receive() == SIGUSR1);
  }
}

}  // namespace
}  // namespace samovar::net
