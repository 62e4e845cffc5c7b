// NodeClient: signed requests to one node or alias, for many threads.
//
// Keeps connections. Never follows a redirect. What comes back has no token in it, even where the
// node repeats it. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sync.h"
#include "cloud/node_target.h"
#include "net/http_client.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace samovar::cloud {

struct NodeClientOptions {
  int64_t max_silence_s = 300;   // longer than the node's own limit, which then tells
  int64_t total_timeout_ms = 0;  // 0: none
  std::string ca_file;
};

class NodeClient {
 public:
  NodeClient(NodeTarget target, const NodeClientOptions& options);

  struct Reply {
    Result<net::ClientResponse> result;
    bool was_sent;  // false: nothing reached the node
  };
  // `request.url` is a path with its query: "/v1/models"; `request.authorization` the caller's.
  Reply perform(net::ClientRequest request);
  const NodeTarget& target() const { return target_; }

 private:
  std::unique_ptr<net::HttpClient> take();

  const NodeTarget target_;
  net::ClientOptions options_;
  Mutex mutex_;
  std::vector<std::unique_ptr<net::HttpClient>> idle_ SAMOVAR_TSA(guarded_by(mutex_));
};

}  // namespace samovar::cloud
