#include "cloud/answer_relay.h"

#include "api/error.h"
#include "cloud/node_target.h"
#include "net/sse.h"

#include <array>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr std::string_view kPath = "/v1/";  // whose family of errors is OpenAI's
constexpr int kBadGateway = 502;

bool has_type(const net::Response& head, std::string_view type) {
  return head.headers.find("Content-Type").value_or("").starts_with(type);
}

}  // namespace

net::Headers client_headers(const net::Headers& node_headers) {
  constexpr std::array kOurs = {"Connection",         "Content-Length", "Date",        "Keep-Alive",
                                "Proxy-Authenticate", "Set-Cookie",     "Server",      "Trailer",
                                "Transfer-Encoding",  "Upgrade",        "X-Request-Id"};
  net::Headers headers = node_headers;
  for (const char* name : kOurs) headers.erase(name);
  for (const char* name : {"Origin", "Methods", "Headers", "Credentials"}) {
    headers.erase(fmt::format("Access-Control-Allow-{}", name));  // the gateway's to say
  }
  return headers;
}

AnswerRelay::Mode AnswerRelay::mode_for(const net::Response& head) const {
  if (has_type(head, "text/event-stream")) return assembles_ ? Mode::kAssemble : Mode::kStream;
  return has_type(head, "application/x-ndjson") ? Mode::kStream : Mode::kWhole;
}

bool AnswerRelay::take(const net::Response& head, std::string_view bytes) {
  if (!mode_) {
    mode_ = mode_for(head);
    is_event_stream_ = has_type(head, "text/event-stream");
    if (*mode_ == Mode::kStream) client_.begin_stream(head.status, client_headers(head.headers));
  }
  switch (*mode_) {
    case Mode::kStream:
      client_.write(std::string(bytes));
      return !client_.closed();
    case Mode::kAssemble:
      problem_ = events_.feed(bytes, [this](std::string_view data) { return assembly_.add(data); });
      return problem_.ok();
    case Mode::kWhole:
      whole_ += bytes;
      if (whole_.size() > kMaxNodeBytes) problem_ = too_large("the node's answer is over 16 MiB");
      return problem_.ok();
  }
  return false;
}

int AnswerRelay::finish(const net::Response& head) {
  if (!problem_.ok()) return break_off(problem_);
  if (mode_ == Mode::kStream) {
    client_.end();
    return head.status;
  }
  if (mode_ == Mode::kAssemble) return send_assembled();
  client_.send({head.status, client_headers(head.headers), std::move(whole_)});
  return head.status;
}

int AnswerRelay::send_assembled() {
  if (!assembly_.done()) return fail(busy("the node's answer broke off before its end"));
  auto answer = assembly_.finish();
  if (!answer.ok()) return fail(answer.status());
  client_.send(net::Response::json(200, *answer + "\n"));
  return 200;
}

int AnswerRelay::break_off(const Status& why) {
  const Status& reason = problem_.ok() ? why : problem_;
  if (mode_ != Mode::kStream) return fail(reason);
  if (is_event_stream_) {
    client_.write("\n\n" +
                  net::sse::event(api::error_body(
                      {.http = kBadGateway,
                       .type = "server_error",
                       .code = "node_connection_lost",
                       .message = fmt::format("the node's answer broke off: {}", reason.message())},
                      kPath)));
    client_.end();
  } else {
    client_.abort();
  }
  return kBadGateway;
}

int AnswerRelay::fail(const Status& why) {
  if (!assembly_.error().empty()) {
    client_.send(net::Response::json(kBadGateway, assembly_.error() + "\n"));
    return kBadGateway;
  }
  const api::ApiError error{
      .http = kBadGateway,
      .type = "server_error",
      .code = "bad_gateway",
      .message = fmt::format("the node gave no whole answer: {}", why.message())};
  client_.send(api::error_response(error, kPath));
  return kBadGateway;
}

}  // namespace samovar::cloud
