#include "cloud/node_client.h"

#include "cloud/secret_filter.h"

#include <optional>
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
  const Secret authorization = request.authorization;
  SecretFilter filter(authorization);
  const auto sink = std::move(request.sink);
  std::optional<net::Response> head;  // that of the body at hand
  request.sink = nullptr;
  if (sink) {
    request.sink = [&](const net::Response& answer, std::string_view bytes) {
      if (!head) filter.clean(head.emplace(answer));
      const std::string clean = filter.feed(bytes);
      return clean.empty() || sink(*head, clean);
    };
  }
  std::unique_ptr<net::HttpClient> client = take();
  Reply reply{client->perform(request), true};
  reply.was_sent = client->was_sent();
  if (const std::string rest = filter.finish(); !rest.empty()) sink(*head, rest);
  if (reply.result.ok()) filter.clean(reply.result->response);
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
