#include "cloud/node_client.h"

#include <utility>

namespace samovar::cloud {

NodeClient::NodeClient(NodeTarget target, const NodeClientOptions& options)
    : target_(std::move(target)) {
  options_.total_timeout_ms = options.total_timeout_ms;
  options_.low_speed_s = 0;
  options_.max_silence_s = options.max_silence_s;
  options_.max_redirects = 0;
  options_.max_body_bytes = kMaxNodeBytes;
  options_.ca_file = options.ca_file;
}

NodeClient::Reply NodeClient::perform(net::ClientRequest request) {
  request.url = target_.url + request.url;
  for (const net::Header& header : target_.headers())
    request.headers.set(header.name, header.value);
  std::unique_ptr<net::HttpClient> client = take();
  Reply reply{client->perform(request), true};
  reply.was_sent = client->was_sent();
  MutexLock lock(mutex_);
  idle_.push_back(std::move(client));
  return reply;
}

std::unique_ptr<net::HttpClient> NodeClient::take() {
  {
    MutexLock lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<net::HttpClient> client = std::move(idle_.back());
      idle_.pop_back();
      return client;
    }
  }
  return std::make_unique<net::HttpClient>(options_);
}

}  // namespace samovar::cloud
