#include "net/body_budget.h"

#include "net/connection.h"

#include <optional>
#include <string>

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

constexpr size_t kFree = BodyBudget::kFreeBytes;

TEST_CASE("a body takes what it has beyond its free bytes, and gives it back") {
  const auto budget = std::make_shared<BodyBudget>(1000);
  {
    BodyShare share(budget);
    CHECK(share.cover(kFree));
    CHECK(budget->used_bytes() == 0);
    CHECK(share.cover(kFree + 600));
    CHECK(share.cover(kFree + 700));
    CHECK(budget->used_bytes() == 700);
    BodyShare other(budget);
    CHECK_FALSE(other.cover(kFree + 301));
    CHECK(budget->used_bytes() == 700);
    CHECK(other.cover(kFree + 300));
    CHECK(other.cover(10));
  }
  CHECK(budget->used_bytes() == 0);
}

// A connection and the request that it handed out, if any.
struct Client {
  explicit Client(const ServerOptions& options)
      : connection(options, system_clock(), {"127.0.0.1", "id"},
                   [this](Request request, uint64_t, const Connection::SharedFlags&) {
                     handled = std::move(request);
                   }) {}
  void post(size_t n_bytes) {
    connection.received("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(n_bytes) +
                        "\r\n\r\n");
    connection.received(std::string(n_bytes, 'x'));
  }
  std::optional<Request> handled;
  Connection connection;
};

TEST_CASE("large bodies beyond the budget are refused with 503, small ones are not") {
  const ServerOptions options = {.bodies = std::make_shared<BodyBudget>(kFree)};
  Client first(options), second(options), small(options);
  first.post(2 * kFree);
  REQUIRE(first.handled);
  second.post(kFree + 1);
  CHECK_FALSE(second.handled);
  CHECK(second.connection.take_output().starts_with("HTTP/1.1 503 "));
  small.post(kFree);
  CHECK(small.handled);
}

TEST_CASE("the budget is free again once the last copy of a request has gone") {
  const ServerOptions options = {.bodies = std::make_shared<BodyBudget>(kFree)};
  Client first(options), second(options);
  first.post(2 * kFree);
  REQUIRE(first.handled);
  std::optional<Request> copy = first.handled;
  first.handled.reset();
  CHECK(options.bodies->used_bytes() == kFree);
  copy.reset();
  CHECK(options.bodies->used_bytes() == 0);
  second.post(2 * kFree);
  CHECK(second.handled);
}

TEST_CASE("a body that was cut off gives its share back") {
  const ServerOptions options = {.bodies = std::make_shared<BodyBudget>(4 * kFree)};
  {
    Client peer(options);
    peer.connection.received("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 999999\r\n\r\n");
    peer.connection.received(std::string(2 * kFree, 'x'));
    CHECK(options.bodies->used_bytes() == kFree);
    peer.connection.failed();
    CHECK(options.bodies->used_bytes() == 0);
  }
}

}  // namespace
}  // namespace samovar::net
