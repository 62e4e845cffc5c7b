// Pulls over HTTP that are under way when the server ends.
// SPDX-License-Identifier: Apache-2.0
#include "api/served_api.h"
#include "base/sync.h"
#include "store/store.h"
#include "sys/test_tree.h"

#include <cstdlib>
#include <thread>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

TEST_CASE("a pull whose hub says nothing is told to end, and its client that it did") {
  setenv("no_proxy", "*", 1);
  Mailbox<net::Responder> asked;
  auto hub = net::HttpServer::listen(
      {.port = 0},
      [&](const net::Request&, const net::Responder& responder) { asked.send(responder); });
  REQUIRE(hub.ok());
  (*hub)->start();
  const sys::TestTree tree;
  store::StoreOptions places;
  places.cache_dir = tree.path() + "/hub";
  places.state_dir = tree.path() + "/state";
  places.hf_endpoint = (*hub)->addresses().front();
  auto store = store::Store::open(places);
  REQUIRE(store.ok());
  ServedApi served({.models = std::make_shared<const store::Store>(*std::move(store))});
  net::Response answer;
  std::thread client([&] {
    answer = served.ask(net::Method::kPost, "/api/pull", R"({"model":"u/r","stream":false})");
  });
  const auto silent = asked.receive();
  served.api.drain();
  client.join();
  CAPTURE(answer.body);
  CHECK(answer.status >= 400);
  CHECK(answer.body.find("cancelled") != std::string::npos);
}

}  // namespace
}  // namespace samovar::api
