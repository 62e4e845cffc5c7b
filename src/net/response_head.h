// The head of a response as bytes.
//
// Header names and values of handlers are cleaned here: no line break of theirs reaches the wire,
// and framing (Content-Length, Transfer-Encoding, Connection) is never theirs. Thread: pure
// functions. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::net {

struct HeadFacts {
  std::string_view request_id;
  int minor_version = 1;   // of the request
  bool keep_alive = true;  // the connection stays open after this answer
  bool chunked = false;    // Transfer-Encoding: chunked
  std::optional<uint64_t> content_bytes = std::nullopt;  // Content-Length
  int64_t unix_us = 0;                                   // for Date
};

// Status line to blank line.
std::string response_head(int status, const Headers& headers, const HeadFacts& facts);

// One chunk of a chunked body; empty for empty bytes (an empty chunk would end the body).
std::string chunk(std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(int64_t unix_us);

}  // namespace samovar::net
