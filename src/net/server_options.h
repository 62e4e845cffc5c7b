// ServerOptions: addresses, limits and timeouts of an HttpServer, with their defaults.
//
// Thread: plain values, const once the server runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "net/body_budget.h"
#include "net/http_types.h"

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

// kInvalidArgument for what looks like an IP address and is none. Names may be anything.
Status validate_host(std::string_view host);

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
  // Of the bodies of all connections together; several servers may share one. Null: one of 4 times
  // max_body_bytes.
  std::shared_ptr<BodyBudget> bodies = nullptr;
  size_t max_connections = 1024;       // more are answered 503 and closed
  size_t max_connections_per_ip = 64;  // loopback and unix sockets are exempt; 0: no limit
  // Unsent bytes beyond which a stream's reader is cut at the next write, and no further request of
  // the connection is read. One write, or one whole answer, may have more.
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
  // Adds headers to every answer to a request whose head could be read, whole or streamed, those
  // that the server gives by itself included. Called on an I/O thread when the head is written.
  // `request` has no body any more. Empty: nothing is added.
  std::function<void(const Request& request, Headers& response)> decorate;
  // Called on an I/O thread for every request; empty: one debug line in the log.
  std::function<void(const AccessRecord&)> on_access;

  Status validate() const;
  // error_response, or OpenAI's shape.
  Response shape_error(int status, std::string_view path, std::string_view message) const;
};

}  // namespace samovar::net
