// HttpClient: blocking HTTP(S) requests for background threads.
//
// Follows at most max_redirects, never from https to http, and drops credentials when the host (or
// port or scheme) changes. Honours http_proxy, https_proxy and no_proxy. Messages name the host and
// the phase that failed, never the query, credentials or proxy passwords.
// Thread: a client is used by one thread at a time; keeps connections between requests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"
#include "net/http_types.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::net {

struct ClientOptions {
  int64_t connect_timeout_ms = 15'000;
  int64_t total_timeout_ms = 0;  // 0: none; the low-speed rule still holds
  // Slower than this for low_speed_s: kBusy.
  int64_t low_speed_bytes_per_s = 1024;
  int64_t low_speed_s = 30;  // 0: nothing is too slow
  // Without a byte either way for so long: kBusy. Unlike the low-speed rule, which rounds its rate
  // down, it hears a byte every few seconds. 0: none.
  int64_t max_silence_s = 0;
  int max_redirects = 5;                     // 0: a redirect is the answer
  size_t max_body_bytes = size_t{64} << 20;  // of a body that is kept, not of one that is streamed
  std::string ca_file;  // PEM, instead of the default authorities; empty: those
  bool direct = false;  // ignores the environment's proxies
  std::string user_agent = "samovar";
  std::string extra_ca_file = {};  // PEM, beside the others; empty: none
};

struct ClientRequest {
  Method method = Method::kGet;
  std::string url;  // http or https
  Headers headers;
  Secret authorization;  // value of Authorization; dropped when the host changes
  std::string body;
  // The file whose first `upload_bytes` bytes are the body instead; -1: none. BORROWS, and leaves
  // its position alone. Not for GET and HEAD.
  int upload_fd = -1;
  uint64_t upload_bytes = 0;
  // Range: bytes=range_start-, with If-Range: range_if when that is not empty.
  std::optional<uint64_t> range_start;
  std::optional<uint64_t> range_last;  // the last byte that is wanted; nothing: to the end
  std::string range_if;                // a strong ETag or a date
  // Gets the body of a 2xx answer piece by piece; false cancels. Empty: the body is kept.
  std::function<bool(const Response& head, std::string_view bytes)> sink;
  const std::atomic<bool>* cancel = nullptr;  // BORROWS until the call returns; seen within 1 s
};

struct ClientResponse {
  Response response;        // body is empty when it went to the sink
  std::string url;          // the one that answered, after redirects
  uint64_t body_bytes = 0;  // received, streamed or kept
};

// "Sun, 06 Nov 1994 08:49:37 GMT" to seconds since 1970; nothing for what is no date.
std::optional<int64_t> parse_http_date(std::string_view text);
// Seconds from `now_unix_s` until Retry-After, which is a number of them or a date; at most a day.
// Nothing where there is none, or none that can be read.
std::optional<int64_t> retry_after_s(const Headers& headers, int64_t now_unix_s);

class HttpClient {
 public:
  explicit HttpClient(ClientOptions options = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // A request that may not be made twice (POST, PATCH) goes over a connection of its own: one that
  // was kept may be closing, and then nobody can tell whether the server has begun it.
  //
  // Any HTTP status is a success here. Errors: kCancelled, kBusy (could not connect, timed out, cut
  // off amid the body: try again), kTooLarge, kInvalidArgument (URL), kUnsupported (redirect
  // refused), kCorrupt (TLS certificate, broken HTTP).
  Result<ClientResponse> perform(const ClientRequest& request);

  // False when the last perform() ended before it had a connection: nothing was sent, so it may be
  // repeated whatever it asks for.
  bool was_sent() const;

  Result<ClientResponse> get(std::string url, Headers headers = {});
  Result<ClientResponse> head(std::string url, Headers headers = {});
  Result<ClientResponse> post(std::string url, Headers headers, std::string body);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace samovar::net
