// Ollama's routes while a model is being loaded.
#include "api/served_api.h"
#include "api/tiny_served_model.h"

#include <string>
#include <thread>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

TEST_CASE("version and lists are told while the model is being loaded") {
  ServedApi loading({.model_id = "tiny"});
  CHECK(loading.ask(net::Method::kGet, "/api/version").body == R"({"version":"0.17.6"})");
  CHECK(loading.ask(net::Method::kGet, "/api/tags").body == R"({"models":[]})");
  CHECK(loading.ask(net::Method::kGet, "/api/ps").body == R"({"models":[]})");
  const net::Response refused = loading.ask(net::Method::kGet, "/api/chat");
  CHECK(refused.status == 405);
  CHECK(refused.body == R"({"error":"GET is not allowed on /api/chat"})");
}

TEST_CASE("a chat waits for the model") {
  ServedApi loading({.model_id = "tiny"});
  net::Response answer;
  std::thread client([&] {
    answer = loading.ask(net::Method::kPost, "/api/chat", R"({"model":"Tiny","messages":[]})");
  });
  while (loading.n_asked == 0) std::this_thread::yield();
  loading.api.set_model(TinyServedModel{.n_ctx = 64}.make());
  client.join();
  CHECK(answer.status == 200);
  const auto said = json::parse(answer.body);
  REQUIRE(said.ok());
  CHECK((*said)["done_reason"] == "load");
  CHECK((*said)["model"] == "Tiny");
}

TEST_CASE("where a connection may not be silent for long, a chat is told to come again") {
  ServedApi loading({.model_id = "tiny", .waits_for_start = false});
  const net::Response refused = loading.ask(net::Method::kPost, "/api/chat", R"({"model":"tiny"})");
  CHECK(refused.status == 503);
  CHECK(refused.headers.has("Retry-After"));
}

TEST_CASE("a server that ends lets nobody wait") {
  ServedApi loading({.model_id = "tiny"});
  loading.api.drain();
  const net::Response answer = loading.ask(net::Method::kPost, "/api/chat", "{}");
  CHECK(answer.status == 503);
  CHECK(answer.body == R"({"error":"the server is shutting down"})");
}

}  // namespace
}  // namespace samovar::api
