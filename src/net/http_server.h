// HttpServer: sockets, limits, timeouts and disconnect watch around one handler.
//
// Knows HTTP/1.0 and 1.1; must not know routes, keys, CORS (net/access.h has those as functions) or
// what handlers do. Handlers run on I/O threads and must not block: long work answers later through
// the Responder. Pipelined requests are handled one after the other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "net/http_types.h"
#include "net/responder.h"
#include "net/server_options.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace samovar::net {

using Handler = std::function<void(Request, Responder)>;

class HttpServer {
 public:
  // Binds and listens; nothing is accepted before start(). A busy port is kBusy and named.
  static Result<std::unique_ptr<HttpServer>> listen(ServerOptions options, Handler handler);
  ~HttpServer();  // stop()

  uint16_t port() const;                       // the IP hosts' port; 0 with unix sockets only
  std::vector<std::string> addresses() const;  // "http://127.0.0.1:8080", "unix:/run/s.sock"

  void start();  // spawns the I/O threads
  // Runs `task` on an I/O thread, now or after `delay_ms`. Dropped once the server has stopped.
  void post(std::function<void()> task);
  void after(int64_t delay_ms, std::function<void()> task);
  // `callback(signal)` runs on an I/O thread for each of `signals` (SIGTERM, SIGHUP, ...).
  Status on_signals(const std::vector<int>& signals, std::function<void(int)> callback);

  // New connections are refused by the system; those that exist go on.
  void stop_accepting();
  // stop_accepting(), closes idle connections, lets running answers end ("Connection: close") for
  // up to `timeout_ms`. RETURNS true when all have ended. Not from an I/O thread.
  bool drain(int64_t timeout_ms);
  // Cuts what still runs and joins the threads. Not from an I/O thread. Idempotent.
  void stop();

  size_t n_connections() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace samovar::net
