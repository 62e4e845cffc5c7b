// An Api behind a real server, and a client for it. For tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/api.h"
#include "json/json.h"
#include "net/http_client.h"

#include <atomic>
#include <memory>
#include <string>

#include <doctest/doctest.h>

namespace samovar::api {

class ServedApi {
 public:
  explicit ServedApi(ApiOptions options, const Clock& clock = system_clock())
      : api(std::move(options), clock) {
    net::ServerOptions server;
    server.port = 0;
    server.error_response = [this](int status, std::string_view path, std::string_view message) {
      return api.prefixed_server_error(status, path, message);
    };
    server.on_access = [this](const net::AccessRecord& record) { api.on_access(record); };
    auto listening =
        net::HttpServer::listen(std::move(server), [this](net::Request request, net::Responder r) {
          ++n_asked;
          api.handle(std::move(request), std::move(r));
        });
    REQUIRE(listening.ok());
    server_ = *std::move(listening);
    api.set_poster([this](std::function<void()> task) { server_->post(std::move(task)); });
    server_->start();
  }
  // The engines, and what is read off the I/O threads, post to the server: they end first.
  ~ServedApi() {
    api.registry().stop();
    api.finish_work();
  }
  ServedApi(const ServedApi&) = delete;
  ServedApi& operator=(const ServedApi&) = delete;

  net::Response ask(net::Method method, const std::string& path, const std::string& body = "") {
    const auto answer = client_.perform({.method = method,
                                         .url = server_->addresses().front() + path,
                                         .headers = {},
                                         .body = body});
    REQUIRE(answer.ok());
    return answer->response;
  }

  // Runs on the server's I/O thread.
  void post_task(std::function<void()> task) { server_->post(std::move(task)); }

  Api api;
  std::atomic<int> n_asked{0};  // requests so far

 private:
  // Under sanitizers an answer may take its time.
  net::HttpClient client_{{.low_speed_s = 0, .max_redirects = 0}};
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace samovar::api
