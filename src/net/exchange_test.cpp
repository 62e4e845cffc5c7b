#include "net/exchange.h"

#include "net/responder.h"

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

// How many tasks the connection gets for what `use` does with the only Responder.
int tasks_of(const std::function<void(const Responder&)>& use) {
  int n_tasks = 0;
  const Exchange::Run run = [&](const Exchange::Task&) {
    ++n_tasks;
    return true;
  };
  use(Responder(std::make_shared<Exchange>(1, std::make_shared<Connection::Flags>(), run)));
  return n_tasks;
}

TEST_CASE("who drops an answered request says nothing more: it might come before the answer") {
  CHECK(tasks_of([](const Responder& responder) { responder.send(Response::text(200, "")); }) == 1);
  CHECK(tasks_of([](const Responder& responder) {
          responder.begin_stream(200, {});
          responder.end();
        }) == 2);
}

TEST_CASE("a request that is dropped without an answer, or amid one, is told") {
  CHECK(tasks_of([](const Responder&) {}) == 1);
  CHECK(tasks_of([](const Responder& responder) {
          responder.begin_stream(200, {});
          responder.write("half");
        }) == 3);
  CHECK(tasks_of([](const Responder& responder) {
          responder.begin_stream(200, {});
          responder.send(Response::text(500, ""));  // which the connection does not take now
        }) == 3);
  CHECK(tasks_of([](const Responder& responder) { responder.end(); }) == 2);
}

}  // namespace
}  // namespace samovar::net
