// Forwarding: one request from a client to the node, with the repetitions that are safe.
//
// Safe is what the node has not begun: no connection, no token, HTTP 401 (once, with a new token),
// 429 and 503 (until the client's patience ends); and reads (GET, HEAD) that broke off. While it
// waits it holds no thread. Thread: one at a time; cancel() any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "cloud/answer_relay.h"
#include "cloud/credentials.h"
#include "cloud/gateway_metrics.h"
#include "cloud/node_client.h"
#include "cloud/stream_request.h"
#include "net/http_types.h"
#include "net/responder.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace samovar::cloud {

// What all forwardings of a gateway share. BORROWS all for its life.
struct ForwardingContext {
  NodeClient& node;
  Credentials& credentials;
  GatewayMetrics& metrics;
  const Clock& clock;
  int64_t patience_us;  // how long a request waits for a node that is not ready
  const std::atomic<bool>& ending;
  // Runs `task` on a thread that may block, after `delay_ms`.
  std::function<void(int64_t delay_ms, std::function<void()> task)> later;
};

class Forwarding : public std::enable_shared_from_this<Forwarding> {
 public:
  Forwarding(const ForwardingContext& context, net::Request request, net::Responder client);
  ~Forwarding();

  void start();  // blocks nobody
  void cancel() { cancelled_ = true; }

 private:
  void run();
  void attempt();
  net::ClientRequest upstream_request(const Secret& authorization, AnswerRelay& relay) const;
  void judge(const net::ClientResponse& answer, const Secret& authorization, AnswerRelay& relay);
  void judge_failure(const Status& failure, bool was_sent, AnswerRelay& relay);
  bool try_again(RetryReason reason, int64_t wait_ms);
  void wait(int64_t ms);
  int64_t pause_ms() const;
  bool reads() const;
  void send_error(int status, std::string_view code, std::string message,
                  int64_t retry_after_s = 1);
  void pass_on(const net::ClientResponse& answer, const Secret& authorization);
  void done(int status);

  const ForwardingContext& context_;
  const net::Request request_;
  const net::Responder client_;
  const int64_t began_us_;
  std::atomic<bool> cancelled_{false};
  std::optional<StreamRequest> streamed_;  // there: the answer is assembled
  int n_attempts_ = 0;
  bool renewed_token_ = false;
  int status_ = 0;  // of the answer; 0: none yet
};

}  // namespace samovar::cloud
