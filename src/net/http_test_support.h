// For tests: a server on a free loopback port, and a peer that says exactly the bytes it is told.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sync.h"
#include "net/http_server.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace samovar::net {

// One answer as it came.
struct RawAnswer {
  int status = 0;    // 0: the connection ended before a whole head
  std::string head;  // status line to blank line
  std::string body;  // dechunked; what came of it when it was cut
  bool whole = false;
  // "X: y" is one of the head's lines.
  bool has(std::string_view line) const;
};

// OWNS a blocking socket. Waits at most 10 s for anything.
class RawPeer {
 public:
  explicit RawPeer(uint16_t port, int family = 2 /* AF_INET */);
  explicit RawPeer(const std::string& unix_path);
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  bool connected() const { return connected_; }
  bool send(std::string_view bytes);  // false when the other side has gone
  void finish();                      // FIN
  void reset();                       // RST
  RawAnswer answer(std::string_view method = "GET");
  // Up to and with the first `end`, or all there was.
  std::string read_until(std::string_view end);
  // Everything up to the end of the connection; `cut` tells whether it was RST.
  std::string read_to_end(bool* cut = nullptr);
  bool ended_within(int ms);  // the other side closed; bytes that came are dropped

 private:
  bool fill(int timeout_ms = 10'000);  // one more read; false at the end or after that time
  std::string take(size_t n_bytes);
  std::string chunked_body(bool& whole);

  int fd_ = -1;
  bool connected_ = false;
  bool ended_ = false;
  bool cut_ = false;
  std::string received_;
};

// Answers with "METHOD path body".
void echo(Request request, const Responder& responder);

class TestServer {
 public:
  explicit TestServer(Handler handler = echo, ServerOptions options = {});

  HttpServer* operator->() const { return server_.get(); }
  uint16_t port() const { return server_->port(); }
  std::string url(std::string_view path) const;
  // What on_access was told: "GET /path 200".
  Mailbox<std::string>& log() { return log_; }
  void wait_until_empty();  // until no connection is left

 private:
  Mailbox<std::string> log_;
  std::unique_ptr<HttpServer> server_;
};

std::string get(std::string_view path, std::string_view more_headers = "");
std::string post(std::string_view path, std::string_view body, std::string_view more_headers = "");

}  // namespace samovar::net
