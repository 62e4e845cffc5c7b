// Requests and responses as plain values: what handlers see of HTTP.
//
// Knows names, sizes and the percent encoding; must not know sockets, parsers or JSON.
// Thread: plain values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::net {

enum class Method : uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
std::string_view method_name(Method method);     // "GET", ...; "OTHER" for kOther
Method method_from_name(std::string_view name);  // exact case, as HTTP wants
std::string_view reason_phrase(int status);      // "Not Found"; "Unknown" for odd ones
bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII only

struct Header {
  std::string name;
  std::string value;
};

// Header fields in the order they came; names compare without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_(fields) {}

  // The first value of `name`. Valid until the headers change.
  std::optional<std::string_view> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  void add(std::string name, std::string value);  // keeps others of that name
  void set(std::string name, std::string value);  // replaces all of that name
  void erase(std::string_view name);

  size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Header> fields_;
};

class BodyShare;

struct Request {
  Method method = Method::kGet;
  std::string method_text;     // as sent: "GET"
  std::string path;            // percent-decoded, without the query; "*" for OPTIONS *
  std::string query;           // raw, without '?'
  Headers headers;             // trailers of chunked bodies are dropped
  std::string body;            // dechunked
  std::string remote_address;  // "127.0.0.1", "::1"; "unix" for a unix socket
  std::string id;              // X-Request-Id: the client's when valid, else made here
  int minor_version = 1;       // HTTP/1.<minor_version>
  bool keep_alive = true;      // what the client asked for
  // The body's share of the server's memory: given back when the last copy goes.
  std::shared_ptr<BodyShare> share = nullptr;
};

struct Response {
  int status = 200;
  Headers headers;  // Content-Length, Connection, Date, Server, X-Request-Id are the server's work
  std::string body;

  static Response text(int status, std::string body);  // text/plain; charset=utf-8
  static Response json(int status, std::string body);  // application/json; charset=utf-8
};

// `text` with %XX decoded; nothing for broken escapes and for %00.
std::optional<std::string> percent_decode(std::string_view text);
// `path` as it stands in a URL: "/" stays, what has a meaning of its own there is escaped.
std::string percent_encode_path(std::string_view path);
// The decoded value of the first `name` in "a=1&b=2" ('+' is a space); "" for a bare name.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace samovar::net
