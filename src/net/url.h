// Url: a parsed http(s) URL, and where a redirect leads from it.
//
// Thread: a plain value. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <memory>
#include <string>
#include <string_view>

struct Curl_URL;

namespace samovar::net {

class Url {
 public:
  // kInvalidArgument when it is none; the message does not repeat it (it may hold credentials).
  static Result<Url> parse(std::string_view text);

  std::string text() const;
  std::string scheme() const;
  std::string host() const;
  // Scheme, host and port: what credentials belong to.
  std::string origin() const;
  // Moves to where `location` points, which may be relative. kCorrupt when that is no URL;
  // kUnsupported when it is neither http nor https, or leads from https to http.
  Status follow(std::string_view location);

 private:
  struct Free {
    void operator()(Curl_URL* url) const;
  };
  explicit Url(Curl_URL* url) : url_(url) {}
  std::string part(int what, unsigned flags = 0) const;  // empty when it has none

  std::unique_ptr<Curl_URL, Free> url_;
};

// `value` as it stands for a value in a query: all but letters, digits and "-._~" is escaped.
std::string percent_encode_value(std::string_view value);

}  // namespace samovar::net
