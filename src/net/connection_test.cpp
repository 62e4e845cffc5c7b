#include "net/connection.h"

#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

struct Asked {
  uint64_t number = 0;
  Connection::SharedFlags flags;
};

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

// A connection whose handler notes the requests, and a clock that stands.
struct Talk {
  explicit Talk(ServerOptions server_options) : options(std::move(server_options)) {}

  // What the session does when the peer has read all there is.
  void send_all() { connection.sent(connection.take_output().size()); }

  const ServerOptions options;
  FakeClock clock;
  std::vector<uint64_t> asked;
  Connection connection{options,
                        clock,
                        {"127.0.0.1", "id"},
                        [this](Request, uint64_t number, const Connection::SharedFlags&) {
                          asked.push_back(number);
                        }};
};

TEST_CASE("A peer that sends requests and reads no answers has one answer waiting, not all") {
  Talk talk({.slow_reader_bytes = 1000, .keep_alive_ms = 10, .write_stall_ms = 1000});
  talk.connection.received(std::string(kGet) + std::string(kGet) + std::string(kGet));
  talk.connection.answer(1, Response::text(200, std::string(5000, 'x')));
  CHECK(talk.asked == std::vector<uint64_t>{1});
  CHECK_FALSE(talk.connection.wants_read());
  talk.clock.advance_us(500'000);  // its own silence is no reason to refuse what it has sent
  talk.connection.tick();
  CHECK_FALSE(talk.connection.finished());
  talk.send_all();
  CHECK(talk.asked == std::vector<uint64_t>{1, 2});
  talk.connection.answer(2, Response::text(200, "short"));
  CHECK(talk.asked == std::vector<uint64_t>{1, 2, 3});
  CHECK(talk.connection.wants_read());
}

TEST_CASE("A peer that reads nothing of an answer is cut though it has sent more requests") {
  Talk talk({.slow_reader_bytes = 1000, .write_stall_ms = 1000});
  talk.connection.received(std::string(kGet) + std::string(kGet));
  talk.connection.answer(1, Response::text(200, std::string(5000, 'x')));
  talk.clock.advance_us(1'000'000);
  talk.connection.tick();
  CHECK(talk.connection.finished());
}

TEST_CASE("One large write to a stream goes out; the next one cuts a reader that has not read it") {
  Talk talk({.slow_reader_bytes = 1000});
  talk.connection.received(kGet);
  talk.connection.begin_stream(1, 200, {}, {.bytes = ":", .interval_ms = 10});
  for (int i = 0; i < 3; ++i) {
    talk.connection.write(1, std::string(5000, 'x'));
    talk.clock.advance_us(20'000);
    talk.connection.tick();  // no ping while it has enough to read
    CHECK_FALSE(talk.connection.finished());
    talk.send_all();
  }
  talk.connection.write(1, std::string(5000, 'x'));
  talk.connection.write(1, "more");
  CHECK(talk.connection.finished());
  CHECK(talk.connection.wants_reset());
}

TEST_CASE("What has come of a body is let go before the request is refused") {
  std::optional<size_t> body_bytes;
  ServerOptions options{.body_timeout_ms = 10};
  options.decorate = [&](const Request& request, Headers&) { body_bytes = request.body.size(); };
  Talk talk(std::move(options));
  talk.connection.received("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n" +
                           std::string(1000, 'x'));
  talk.clock.advance_us(60'000'000);
  talk.connection.tick();
  CHECK(talk.connection.take_output().starts_with("HTTP/1.1 408 "));
  CHECK(body_bytes == size_t{0});
}

TEST_CASE("A request that was let go where no memory was left is answered by the next tick") {
  const ServerOptions options;
  Asked asked;
  Connection connection(options, system_clock(), {"127.0.0.1", "id"},
                        [&](Request, uint64_t number, Connection::SharedFlags flags) {
                          asked = {number, std::move(flags)};
                        });
  connection.received("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  REQUIRE(asked.flags != nullptr);
  connection.tick();
  CHECK_FALSE(connection.has_output());
  asked.flags->abandoned.store(true);
  connection.tick();
  CHECK(connection.take_output().starts_with("HTTP/1.1 500 "));
  CHECK_FALSE(connection.under_way());
}

TEST_CASE("A stream that was let go where no memory was left is cut by the next tick") {
  const ServerOptions options;
  Asked asked;
  Connection connection(options, system_clock(), {"127.0.0.1", "id"},
                        [&](Request, uint64_t number, Connection::SharedFlags flags) {
                          asked = {number, std::move(flags)};
                        });
  connection.received("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  connection.begin_stream(asked.number, 200, {}, {});
  asked.flags->abandoned.store(true);
  connection.tick();
  CHECK(connection.finished());
  CHECK(connection.wants_reset());
  CHECK(asked.flags->gone.load());
}

}  // namespace
}  // namespace samovar::net
