#include "cloud/gateway.h"

#include "api/error.h"

#include <utility>

namespace samovar::cloud {
namespace {

// The node's own metrics keep their path behind this one.
constexpr std::string_view kNodePrefix = "/node";

net::Response method_not_allowed() {
  return api::error_response({.http = 405, .message = "only GET is allowed here"}, "/v1/");
}

}  // namespace

Gateway::Gateway(GatewayOptions options, Credentials& credentials, const Clock& clock)
    : options_(std::move(options)),
      credentials_(credentials),
      metrics_(credentials),
      node_(options_.node, options_.client),
      context_{.node = node_,
               .credentials = credentials_,
               .metrics = metrics_,
               .clock = clock,
               .patience_us = options_.patience_s * 1'000'000,
               .ending = ending_,
               .later =
                   [this](int64_t delay_ms, std::function<void()> task) {
                     const auto queue = [this, task = std::move(task)] { work_.add(task); };
                     if (delay_ms == 0) return queue();
                     timer_(delay_ms, queue);
                   }},
      work_(options_.n_parallel) {}

void Gateway::add_headers(const net::Request& request, net::Headers& response) const {
  net::add_cors_headers(options_.cors, request.headers, response);
}

void Gateway::handle(net::Request request, net::Responder responder) {
  if (request.method == net::Method::kOptions) {
    return responder.send(net::preflight_response(options_.cors, request.headers));
  }
  if (options_.check_host && !net::host_allowed(request.headers, options_.extra_hosts)) {
    return responder.send(api::error_response(api::foreign_host(), request.path));
  }
  if (answer_itself(request, responder)) return;
  if (!options_.keys.empty()) {
    if (!options_.keys.match(request.headers)) {
      return responder.send(api::error_response(api::invalid_api_key(), request.path));
    }
    request.headers.erase("X-Api-Key");  // it was for the gateway
  }
  if (request.path.starts_with("/node/")) request.path.erase(0, kNodePrefix.size());
  std::make_shared<Forwarding>(context_, std::move(request), std::move(responder))->start();
}

// Probes and metrics, as long as the node is not named: /node/metrics is the node's.
bool Gateway::answer_itself(const net::Request& request, const net::Responder& responder) const {
  const bool probes = request.path == "/livez" || request.path == "/readyz";
  if (!probes && request.path != "/metrics") return false;
  if (request.method != net::Method::kGet && request.method != net::Method::kHead) {
    responder.send(method_not_allowed());
  } else if (request.path == "/metrics") {
    net::Response response{200, {{"Content-Type", std::string(metrics::kContentType)}}, {}};
    response.body = metrics_.expose();
    responder.send(std::move(response));
  } else if (request.path == "/readyz" && ending_) {
    responder.send(net::Response::json(503, R"({"status":"ending"})"));
  } else {
    responder.send(net::Response::json(200, R"({"status":"ok"})"));
  }
  return true;
}

}  // namespace samovar::cloud
