#include "net/connection.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

struct Asked {
  uint64_t number = 0;
  Connection::SharedFlags flags;
};

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
