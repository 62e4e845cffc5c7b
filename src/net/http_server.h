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

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::net {

// One answered (or abandoned) request, for logs and counters. 499: the peer left first.
struct AccessRecord {
  Method method;
  std::string_view path;  // decoded; "" when the head could not be read
  int status;
  int64_t duration_us;  // from the request's last byte to the answer's last byte
  std::string_view request_id;
  std::string_view remote_address;
};

struct ServerOptions {
  // IPs, names, or paths of unix sockets ("*.sock"). Which addresses need a key is the caller's
  // rule.
  std::vector<std::string> hosts = {"127.0.0.1"};
  uint16_t port = 8080;  // for all IP hosts; 0: one free port for all of them
  int n_io_threads = 1;

  size_t max_body_bytes = size_t{32} << 20;  // after dechunking
  size_t max_request_line_bytes = size_t{32} << 10;
  size_t max_header_bytes = size_t{8} << 10;  // each field
  size_t max_headers = 100;
  size_t max_connections = 1024;       // more are answered 503 and closed
  size_t max_connections_per_ip = 64;  // loopback and unix sockets are exempt; 0: no limit
  size_t slow_reader_bytes = size_t{1} << 20;

  int64_t head_timeout_ms = 10'000;  // from the first byte (or accept) to the end of the head
  int64_t body_timeout_ms = 60'000;  // plus the time that min_body_bytes_per_s allows
  int64_t min_body_bytes_per_s = 1024;
  int64_t keep_alive_ms = 120'000;        // idle between requests
  int64_t answer_timeout_ms = 3'600'000;  // from the whole request to the end of the answer
  int64_t write_stall_ms = 120'000;       // bytes wait and the peer takes none
  int64_t linger_ms = 2'000;              // reading on after an error answer, so that it arrives

  // Answers that the server gives by itself (400, 408, 413, 414, 431, 500, 503): shapes their body.
  // `path` is "" when unknown. Empty: OpenAI's error shape.
  std::function<Response(int status, std::string_view path, std::string_view message)>
      error_response;
  // Called on an I/O thread for every request; empty: one debug line in the log.
  std::function<void(const AccessRecord&)> on_access;

  Status validate() const;
};

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
