// SecretFilter: a node's answer without the token that the node was called with.
//
// Unlike without_secrets(), which is for messages, it takes out whole tokens only: an answer may
// talk about parts of one. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "net/http_types.h"

#include <string>
#include <string_view>

namespace samovar::cloud {

class SecretFilter {
 public:
  // `authorization`: a scheme and the secret, "Bearer t1.abc". BORROWS.
  explicit SecretFilter(const Secret& authorization);

  // A body, piece by piece: what may be passed on now. The beginning of a token at a piece's end
  // waits for the next.
  std::string feed(std::string_view bytes);
  std::string finish();  // what still waits

  void clean(net::Response& head) const;  // its headers and body

 private:
  std::string clean(std::string text) const;

  std::string_view secret_;
  std::string held_;  // a beginning of the secret
};

}  // namespace samovar::cloud
