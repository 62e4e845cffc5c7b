// RequestReader: bytes of one connection -> whole requests, or the error that ends the connection.
//
// Stricter than the RFC where attackers live: one Content-Length in digits or one "chunked", never
// both; no folded lines, no bare LF, exactly one Host in HTTP/1.1. Sizes are checked before bytes
// are kept. Must not know sockets or time. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_types.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace samovar::net {

struct ReaderLimits {
  size_t max_body_bytes = size_t{32} << 20;
  size_t max_request_line_bytes = size_t{32} << 10;
  size_t max_header_bytes = size_t{8} << 10;  // each field line
  size_t max_headers = 100;                   // trailers count too
};

class RequestReader {
 public:
  enum class State {
    kIdle,      // no byte of the next request seen
    kHead,      // within the request line or headers
    kBody,      // head done, body on its way
    kComplete,  // request() is whole; further bytes wait until next()
    kFailed,    // error(); the connection can't go on
  };
  struct Error {
    int status = 0;       // 400, 413, 414, 431, 501, 505
    std::string message;  // one sentence
  };

  explicit RequestReader(const ReaderLimits& limits);
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;
  ~RequestReader();

  // Takes all of `bytes`, parses as far as it can and RETURNS state().
  State feed(std::string_view bytes);
  // Forgets the complete request and begins the next with the bytes that wait. REQUIRES: kComplete.
  State next();

  State state() const;
  // REQUIRES: kBody or kComplete (in kBody without the whole body). May be moved from.
  Request& request();
  const Error& error() const;
  // The client waits for "100 Continue" and no byte of the body has come. Meaningful in kBody.
  bool expects_continue() const;
  size_t body_bytes() const;     // of the body so far
  size_t waiting_bytes() const;  // taken but not parsed

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace samovar::net
