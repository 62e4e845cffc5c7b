// Gateway: a local OpenAI-compatible endpoint in front of a DataSphere node.
//
// Judges who may ask, answers probes and /metrics by itself and forwards the rest, signed. Handlers
// run on I/O threads and block nobody: requests are carried by threads of their own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/work_queue.h"
#include "cloud/credentials.h"
#include "cloud/forwarding.h"
#include "cloud/gateway_metrics.h"
#include "cloud/node_client.h"
#include "net/access.h"
#include "net/responder.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace samovar::cloud {

struct GatewayOptions {
  NodeTarget node;
  NodeClientOptions client;
  net::ApiKeys keys;  // of the gateway's own clients; empty: everybody may ask
  net::CorsPolicy cors;
  bool check_host = true;  // refuse foreign Host headers (loopback without a key)
  std::vector<std::string> extra_hosts;
  int64_t patience_s = 600;  // that a request waits for a node that is not ready
  int n_parallel = 64;       // requests carried at the same time; more wait
};

class Gateway {
 public:
  // BORROWS credentials and clock.
  Gateway(GatewayOptions options, Credentials& credentials, const Clock& clock);
  ~Gateway() { finish(); }

  // Runs a task after some milliseconds, without a thread of its own; set before the first request.
  void set_timer(std::function<void(int64_t delay_ms, std::function<void()> task)> timer) {
    timer_ = std::move(timer);
  }
  void handle(net::Request request, net::Responder responder);
  // CORS for every answer.
  void add_headers(const net::Request& request, net::Headers& response) const;
  // Requests that wait for a node are answered with 503 from now on, and so are new ones.
  void drain() { ending_ = true; }
  // Waits for what is under way; after the server has stopped.
  void finish() { work_.finish(); }

 private:
  bool answer_itself(const net::Request& request, const net::Responder& responder) const;

  const GatewayOptions options_;
  Credentials& credentials_;
  GatewayMetrics metrics_;
  NodeClient node_;
  std::atomic<bool> ending_{false};
  std::function<void(int64_t, std::function<void()>)> timer_;
  ForwardingContext context_;
  WorkQueue work_;  // last: its tasks use all of the above
};

}  // namespace samovar::cloud
