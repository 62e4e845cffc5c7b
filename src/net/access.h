// Who may ask: host names, origins (CORS) and API keys, as functions of headers.
//
// Must not know sockets, routes or which paths are public. Keys are compared in constant time and
// never leave this file; logs get a key's id. Thread: const after construction.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"
#include "net/http_types.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::net {

// "127.0.0.1:8080", "[::1]", "localhost." -> host in lower case without port, brackets, last dot;
// nothing when it is malformed.
std::optional<std::string> host_without_port(std::string_view host_header);
// localhost, *.localhost, 127.0.0.0/8, ::1.
bool is_loopback_host(std::string_view host);

// The guard against DNS rebinding for a server without a key on a loopback address: the Host header
// must be a loopback name or one of `extra_hosts` (lower case; "*" allows all). Empty and missing
// Host headers are refused.
bool host_allowed(const Headers& headers, const std::vector<std::string>& extra_hosts);

struct CorsPolicy {
  // Each "*", "localhost" (http and https, any port), "scheme://*", or an exact origin.
  std::vector<std::string> origins;
  std::string methods = "GET, POST, DELETE, OPTIONS";
  std::string headers = "*";
  // "*" is answered by naming what was asked for: to browsers it is no wildcard beside credentials.
  bool names_headers = true;
  bool credentials = true;

  static CorsPolicy defaults(bool has_key);  // "*" with a key, else localhost and editors' schemes
  bool allows(std::string_view origin) const;
};
// Puts Access-Control-* for the request's Origin into `response`; nothing when it is not allowed.
// A second time changes nothing.
void add_cors_headers(const CorsPolicy& policy, const Headers& request, Headers& response);
// The answer to any OPTIONS request: 200 without a body.
Response preflight_response(const CorsPolicy& policy, const Headers& request);

// The accepted API keys. Empty: everybody may ask.
class ApiKeys {
 public:
  // Ids count from 1 in the order of adding. kInvalidArgument for an empty key, for spaces and for
  // control characters.
  Status add(Secret key);
  // Keys of a file: one a line; blank lines and lines that begin with # are skipped.
  Status add_lines(std::string_view text);
  bool empty() const { return keys_.empty(); }
  size_t size() const { return keys_.size(); }
  // The id of the key that the request carries in Authorization ("Bearer K", "Api-Key K" or "K")
  // or, when that does not match, in X-Api-Key.
  std::optional<size_t> match(const Headers& headers) const;

 private:
  std::optional<size_t> find(std::string_view candidate) const;
  std::vector<Secret> keys_;
};

}  // namespace samovar::net
