#include "cloud/forwarding.h"

#include "api/error.h"
#include "base/log.h"
#include "cloud/cloud_answer.h"
#include "cloud/mask.h"
#include "json/json.h"
#include "net/guarded_answer.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr int64_t kMaxPauseMs = 15'000;
constexpr int64_t kStepMs = 1'000;
constexpr int kMaxReads = 3;
constexpr size_t kMaxErrorBytes = 64 << 10;

// What goes on to the node of what the client has sent.
net::Headers node_headers(const net::Request& request) {
  constexpr std::array kTheirs = {"Content-Type", "Accept", "X-Api-Key", "Last-Event-ID"};
  net::Headers headers;
  for (const char* name : kTheirs) {
    if (const auto value = request.headers.find(name)) headers.add(name, std::string(*value));
  }
  headers.set("X-Request-Id", request.id);
  return headers;
}

// A path whose family of errors the client knows: Ollama's, or OpenAI's.
std::string_view family_path(std::string_view path) {
  return path.starts_with("/api/") ? path : "/v1/";
}

// An error that the client can show already.
bool has_known_shape(const std::string& body) {
  const auto parsed = json::parse(body);
  return parsed.ok() && parsed->is_object() && parsed->contains("error");
}

}  // namespace

Forwarding::Forwarding(const ForwardingContext& context, net::Request request,
                       net::Responder client)
    : context_(context),
      request_(std::move(request)),
      client_(std::move(client)),
      began_us_(context.clock.monotonic_us()) {
  context_.metrics.in_flight().add(1);
}

Forwarding::~Forwarding() {
  context_.metrics.in_flight().add(-1);
  context_.metrics.count_answer(status_ == 0 ? 499 : status_,
                                context_.clock.monotonic_us() - began_us_);
}

void Forwarding::start() {
  client_.on_close([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->cancel();
  });
  context_.later(0, [self = shared_from_this()] { self->run(); });
}

bool Forwarding::reads() const {
  return request_.method == net::Method::kGet || request_.method == net::Method::kHead;
}

void Forwarding::run() {
  const auto shape = [](int status, std::string_view message) {
    return api::error_response({.http = status, .message = std::string(message)}, "/v1/");
  };
  try {
    net::guard_answer(client_, shape, [this] { attempt(); });
  } catch (const std::exception& thrown) {  // without memory even for that: the client hears 500
    log::error("{}: {}", request_.path, thrown.what());
  }
}

void Forwarding::attempt() {
  if (cancelled_) return;
  if (context_.ending) return send_error(503, "gateway_ending", "the gateway is ending");
  const auto authorization = context_.credentials.authorization();
  if (!authorization.ok()) {
    const Status& why = authorization.status();
    if (why.code() == Code::kBusy && try_again(RetryReason::kNoToken, pause_ms())) return;
    return send_error(why.code() == Code::kBusy ? 503 : 401, "no_iam_token",
                      fmt::format("the gateway has no IAM token: {}", why.message()));
  }
  if (n_attempts_++ == 0 && request_.method == net::Method::kPost) {
    streamed_ = as_stream_request(request_.path, request_.body);
  }
  context_.metrics.count_upstream();
  AnswerRelay relay(client_, streamed_ ? streamed_->begin_assembly() : nullptr,
                    family_path(request_.path));
  const NodeClient::Reply reply = context_.node.perform(upstream_request(*authorization, relay));
  if (cancelled_) return;
  if (reply.result.ok()) return judge(*reply.result, *authorization, relay);
  judge_failure(reply.result.status(), reply.was_sent, relay);
}

net::ClientRequest Forwarding::upstream_request(const Secret& authorization,
                                                AnswerRelay& relay) const {
  net::ClientRequest request;
  request.method = request_.method;
  request.url = net::percent_encode_path(request_.path);
  if (!request_.query.empty()) request.url += "?" + request_.query;
  request.headers = node_headers(request_);
  request.authorization = authorization;
  request.body = streamed_ ? streamed_->body : request_.body;
  request.cancel = &cancelled_;
  request.sink = [this, &relay](const net::Response& head, std::string_view bytes) {
    if (!relay.began()) {
      context_.metrics.count_first_byte(context_.clock.monotonic_us() - began_us_);
    }
    context_.metrics.count_bytes(bytes.size());
    return relay.take(head, bytes);
  };
  return request;
}

void Forwarding::judge(const net::ClientResponse& answer, const Secret& authorization,
                       AnswerRelay& relay) {
  const int status = answer.response.status;
  if (status / 100 == 2) return done(relay.finish(answer.response));
  if (status == 401 && !renewed_token_ && context_.credentials.reject(authorization)) {
    renewed_token_ = true;
    if (try_again(RetryReason::kTokenRefused, 0)) return;
  }
  if (status == 429 || status == 503) {
    const auto asked_s = net::retry_after_s(answer.response.headers, context_.clock.unix_s());
    if (try_again(RetryReason::kNotReady,
                  asked_s ? std::max<int64_t>(*asked_s * 1000, 100) : pause_ms())) {
      return;
    }
  }
  if ((status == 502 || status == 504) && reads() && n_attempts_ < kMaxReads &&
      try_again(RetryReason::kBrokenRead, pause_ms())) {
    return;
  }
  pass_on(answer, authorization);
}

void Forwarding::judge_failure(const Status& failure, bool was_sent, AnswerRelay& relay) {
  if (relay.began()) {
    context_.metrics.count_broken_stream();
    log::warning("{} {}: the node's answer broke off: {}", request_.method_text, request_.path,
                 failure.message());
    return done(relay.break_off(failure));
  }
  const bool may_pass = failure.code() == Code::kBusy;
  if (may_pass && !was_sent && try_again(RetryReason::kNoConnection, pause_ms())) return;
  if (may_pass && reads() && n_attempts_ < kMaxReads &&
      try_again(RetryReason::kBrokenRead, pause_ms())) {
    return;
  }
  send_error(502, was_sent ? "no_answer" : "no_connection",
             fmt::format("{}: {}",
                         was_sent ? "the node gave no answer; it may have worked on the request"
                                  : "no connection to the node",
                         failure.message()));
}

// Half a second, doubled with every attempt.
int64_t Forwarding::pause_ms() const {
  return std::min(kMaxPauseMs, int64_t{500} << std::min(n_attempts_, 10));
}

// False when the client's patience would end before.
bool Forwarding::try_again(RetryReason reason, int64_t wait_ms) {
  const int64_t waited_us = context_.clock.monotonic_us() - began_us_;
  if (waited_us + wait_ms * 1000 > context_.patience_us || context_.ending) return false;
  context_.metrics.count_retry(reason);
  context_.metrics.waiting().add(1);
  wait(wait_ms);
  return true;
}

// Second by second, so that the end of the client or of the gateway is seen soon.
void Forwarding::wait(int64_t ms) {
  const int64_t step_ms = std::min(ms, kStepMs);
  context_.later(step_ms, [self = shared_from_this(), left_ms = ms - step_ms] {
    if (left_ms > 0 && !self->cancelled_ && !self->context_.ending) return self->wait(left_ms);
    self->context_.metrics.waiting().add(-1);
    self->run();
  });
}

void Forwarding::pass_on(const net::ClientResponse& answer, const Secret& authorization) {
  const net::Response& response = answer.response;
  if (response.body.size() <= kMaxErrorBytes && has_known_shape(response.body)) {
    net::Headers headers = client_headers(response.headers);
    client_.send(
        {response.status, std::move(headers), without_secrets(response.body, {authorization})});
    return done(response.status);
  }
  const Status what = check_answer(response, "the node API", {authorization});
  const bool redirects = response.status / 100 == 3;
  send_error(redirects ? 502 : response.status, "node_api_error", std::string(what.message()),
             net::retry_after_s(response.headers, context_.clock.unix_s()).value_or(1));
}

void Forwarding::send_error(int status, std::string_view code, std::string message,
                            int64_t retry_after_s) {
  log::warning("{} {}: {} {}", request_.method_text, request_.path, status, message);
  const api::ApiError error{.http = status,
                            .type = status / 100 == 5 ? "server_error" : "invalid_request_error",
                            .code = std::string(code),
                            .message = std::move(message)};
  client_.send(
      api::error_response(error, family_path(request_.path), std::max<int64_t>(retry_after_s, 1)));
  done(status);
}

void Forwarding::done(int status) {
  status_ = status;
}

}  // namespace samovar::cloud
