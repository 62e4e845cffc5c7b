#include "cloud/answer_relay.h"

#include "api/error.h"
#include "cloud/node_target.h"
#include "net/sse.h"

#include <array>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

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

AnswerRelay::Form AnswerRelay::form_of(const net::Response& head) {
  if (has_type(head, "text/event-stream")) return Form::kEvents;
  return has_type(head, "application/x-ndjson") ? Form::kLines : Form::kOther;
}

void AnswerRelay::begin(const net::Response& head) {
  form_ = form_of(head);
  mode_ = form_ == Form::kOther ? Mode::kWhole : assembly_ ? Mode::kAssemble : Mode::kStream;
  if (*mode_ == Mode::kStream) client_.begin_stream(head.status, client_headers(head.headers));
}

Status AnswerRelay::assemble(std::string_view bytes) {
  const auto add = [this](std::string_view text) { return assembly_->add(text); };
  return form_ == Form::kLines ? lines_.feed(bytes, add) : events_.feed(bytes, add);
}

bool AnswerRelay::take(const net::Response& head, std::string_view bytes) {
  if (!mode_) begin(head);
  switch (*mode_) {
    case Mode::kStream:
      if (form_ == Form::kLines) {  // only to know whether one is broken
        problem_ = lines_.feed(bytes, [](std::string_view) { return Status(); });
      }
      client_.write(std::string(bytes));
      return problem_.ok() && !client_.closed();
    case Mode::kAssemble:
      problem_ = assemble(bytes);
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
  if (form_ == Form::kLines) problem_ = assemble("\n");  // the last line may end with the stream
  if (!problem_.ok()) return fail(problem_);
  if (!assembly_->done()) return fail(busy("the node's answer broke off before its end"));
  auto answer = assembly_->finish();
  if (!answer.ok()) return fail(answer.status());
  client_.send(net::Response::json(200, *answer + "\n"));
  return 200;
}

int AnswerRelay::break_off(const Status& why) {
  const Status& reason = problem_.ok() ? why : problem_;
  if (mode_ != Mode::kStream) return fail(reason);
  const std::string error =
      api::error_body({.http = kBadGateway,
                       .type = "server_error",
                       .code = "node_connection_lost",
                       .message = fmt::format("the node's answer broke off: {}", reason.message())},
                      path_);
  if (form_ == Form::kEvents) {
    client_.write("\n\n" + net::sse::event(error));
    client_.end();
  } else if (lines_.between_lines()) {
    client_.write(net::sse::json_line(error));
    client_.end();
  } else {
    client_.abort();
  }
  return kBadGateway;
}

int AnswerRelay::fail(const Status& why) {
  if (assembly_ && !assembly_->error().empty()) {
    client_.send(net::Response::json(kBadGateway, assembly_->error() + "\n"));
    return kBadGateway;
  }
  const api::ApiError error{
      .http = kBadGateway,
      .type = "server_error",
      .code = "bad_gateway",
      .message = fmt::format("the node gave no whole answer: {}", why.message())};
  client_.send(api::error_response(error, path_));
  return kBadGateway;
}

}  // namespace samovar::cloud
