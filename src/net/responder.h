// Responder: how a handler answers one request, now or later, from any thread.
//
// A cheap copyable handle. When the last copy goes without an answer, the client gets a 500; when
// it goes amid a stream, the connection is cut so that the client sees the loss. Calls after the
// answer has ended, or after the peer has gone, do nothing. Thread: any; calls for one request must
// come from one thread at a time to keep their order. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_types.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace samovar::net {

class Exchange;

// What the server sends by itself while a stream is silent, so that proxies see traffic.
struct StreamPing {
  std::string bytes;        // e.g. sse::kComment; empty: no pings
  int64_t interval_ms = 0;  // silence before each ping; <= 0: no pings
};

class Responder {
 public:
  explicit Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  // The whole answer. HEAD and 204/304 get no body, the rest a Content-Length.
  void send(Response response) const;
  // Head of a stream (chunked for HTTP/1.1); then write()* and end().
  void begin_stream(int status, Headers headers, StreamPing ping = {}) const;
  // Queued. A reader that lags more than ServerOptions::slow_reader_bytes behind is cut off.
  void write(std::string bytes) const;
  // Ends the stream cleanly.
  void end() const;
  // Cuts the connection without ending the stream.
  void abort() const;

  // True once the peer has gone (FIN, RST, timeout, cut off) before the answer ended.
  bool closed() const;
  // `callback` runs once on an I/O thread (at once there if it has happened already) when the peer
  // goes before the answer has ended; never when the answer ended well. At most one per request.
  void on_close(std::function<void()> callback) const;

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace samovar::net
