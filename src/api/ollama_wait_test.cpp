// Ollama's routes while a model is being loaded.
#include "api/api.h"
#include "api/tiny_served_model.h"
#include "json/json.h"
#include "net/http_client.h"

#include <atomic>
#include <string>
#include <thread>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

class Loading {
 public:
  Loading() {
    net::ServerOptions options;
    options.port = 0;
    auto listening = net::HttpServer::listen(
        std::move(options), [this](net::Request request, net::Responder responder) {
          ++n_asked;
          api.handle(std::move(request), std::move(responder));
        });
    REQUIRE(listening.ok());
    server = *std::move(listening);
    api.set_poster([this](std::function<void()> task) { server->post(std::move(task)); });
    server->start();
  }
  ~Loading() { server->stop(); }

  net::Response ask(net::Method method, const std::string& path, std::string body = "") {
    net::HttpClient client;
    const auto answer = client.perform(
        {.method = method, .url = server->addresses().front() + path, .body = std::move(body)});
    REQUIRE(answer.ok());
    return answer->response;
  }

  Api api{{.model_id = "tiny"}};
  std::unique_ptr<net::HttpServer> server;
  std::atomic<int> n_asked{0};
};

TEST_CASE("version and lists are told while the model is being loaded") {
  Loading loading;
  CHECK(loading.ask(net::Method::kGet, "/api/version").body == R"({"version":"0.17.6"})");
  CHECK(loading.ask(net::Method::kGet, "/api/tags").body == R"({"models":[]})");
  CHECK(loading.ask(net::Method::kGet, "/api/ps").body == R"({"models":[]})");
  const net::Response refused = loading.ask(net::Method::kGet, "/api/chat");
  CHECK(refused.status == 405);
  CHECK(refused.body == R"({"error":"GET is not allowed on /api/chat"})");
}

TEST_CASE("a chat waits for the model") {
  Loading loading;
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

TEST_CASE("a server that ends lets nobody wait") {
  Loading loading;
  loading.api.drain();
  const net::Response answer = loading.ask(net::Method::kPost, "/api/chat", "{}");
  CHECK(answer.status == 503);
  CHECK(answer.body == R"({"error":"the server is shutting down"})");
}

}  // namespace
}  // namespace samovar::api
