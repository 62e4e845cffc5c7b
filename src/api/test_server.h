// The API over HTTP with a tiny model, for tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/api.h"
#include "engine/test_model.h"
#include "json/json.h"
#include "kernels/select.h"
#include "net/http_client.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {

// Two slots of 256 tokens.
class Served {
 public:
  explicit Served(ApiOptions options, bool with_model = true) : api_(std::move(options)) {
    net::ServerOptions server;
    server.port = 0;
    server.error_response = Api::server_error;
    auto listening =
        net::HttpServer::listen(std::move(server), [this](net::Request request, net::Responder r) {
          api_.handle(std::move(request), std::move(r));
        });
    REQUIRE(listening.ok());
    server_ = *std::move(listening);
    api_.set_poster([this](std::function<void()> task) { server_->post(std::move(task)); });
    if (with_model) api_.set_model(load());
    server_->start();
  }
  ~Served() { api_.set_model(nullptr); }  // the engine posts to the server: it ends first
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  net::Response ask(net::Method method, const std::string& path, const std::string& body = "") {
    const auto answer = client_.perform({.method = method,
                                         .url = server_->addresses().front() + path,
                                         .headers = {},
                                         .body = body});
    REQUIRE(answer.ok());
    return answer->response;
  }
  json::Value post(const std::string& path, const std::string& body) {
    const net::Response answer = ask(net::Method::kPost, path, body);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    return *json::parse(answer.body);
  }

 private:
  static ServedPointer load() {
    auto ledger = std::make_unique<Ledger>();
    auto model = engine::test_model();
    auto engine = engine::Engine::create(model, kernels::select(sys::Isa::kScalar),
                                         {.n_slots = 2, .n_ctx = 256}, *ledger);
    REQUIRE(engine.ok());
    auto format = choose_chat_format(model->file(), "chatml");
    REQUIRE(format.ok());
    return std::make_shared<const ServedModel>(ServedModel{
        std::move(ledger), std::move(model), *std::move(engine), *std::move(format), "F32"});
  }

  Api api_;
  net::HttpClient client_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace samovar::api
