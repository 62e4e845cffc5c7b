#include "api/generation.h"

#include "api/error.h"
#include "json/json.h"
#include "net/sse.h"

namespace samovar::api {
namespace {

std::string_view finish_reason(engine::FinishReason reason) {
  const bool cut =
      reason == engine::FinishReason::kLength || reason == engine::FinishReason::kContextFull;
  return cut ? "length" : "stop";
}

}  // namespace

Generation::Generation(std::shared_ptr<const engine::LoadedModel> model,
                       std::unique_ptr<AnswerShape> shape, GenerationOptions options,
                       net::Responder responder, Poster poster)
    : model_(std::move(model)),
      shape_(std::move(shape)),
      options_(std::move(options)),
      responder_(std::move(responder)),
      poster_(std::move(poster)),
      stream_(model_->tokenizer().vocabulary(), options_.stop) {}

void Generation::start(engine::Engine& engine, engine::Request request) {
  stop_sign_ = request.stop_sign;
  request.sink = shared_from_this();
  const auto n_prompt = static_cast<int64_t>(request.prompt.size());
  const Status submitted = engine.submit(std::move(request));
  if (!submitted.ok()) {
    ApiError error = from_status(submitted);
    if (n_prompt >= engine.options().n_ctx) {
      error.type = "exceed_context_size_error";
      error.code = "context_length_exceeded";
      error.n_prompt_tokens = n_prompt;
      error.n_ctx = engine.options().n_ctx;
    }
    responder_.send(error_response(error, options_.path));
    return;
  }
  responder_.on_close([stop_sign = stop_sign_] { stop_sign->store(engine::StopSign::kGone); });
  if (options_.delivery == Delivery::kStream) {
    responder_.begin_stream(200, net::sse::headers(),
                            {std::string(net::sse::kComment), options_.ping_interval_ms});
    write_event(shape_->first_event());
  }
  take_turn(1);
}

void Generation::on_event(const engine::Event& event) {
  events_.send(event);
  if (n_unhandled_.fetch_add(1) == 0) {
    poster_([self = shared_from_this()] { self->take_turn(0); });
  }
}

void Generation::take_turn(int64_t n_handled) {
  for (;;) {
    while (auto event = events_.try_receive()) {
      ++n_handled;
      if (event->kind == engine::Event::Kind::kToken) {
        on_token(event->token);
      } else {
        on_done(*event);
      }
    }
    if (n_unhandled_.fetch_sub(n_handled) == n_handled) return;
    n_handled = 0;
  }
}

void Generation::on_token(int32_t token) {
  if (stream_.stopped()) return;
  emit(stream_.push(token));
  if (stream_.stopped()) stop_sign_->store(engine::StopSign::kEnough);
}

void Generation::on_done(const engine::Event& event) {
  if (!event.error.ok()) return fail(event.error);
  emit(stream_.finish(event.reason));
  const Outcome outcome{.finish_reason = stream_.stopped() ? "stop" : finish_reason(event.reason),
                        .timings = event.timings};
  if (options_.delivery == Delivery::kWhole) {
    responder_.send(net::Response::json(200, json::dump(shape_->whole(text_, outcome))));
    return;
  }
  write_event(shape_->last_event(outcome));
  write_event(shape_->usage_event(outcome));
  responder_.write(std::string(net::sse::kDone));
  responder_.end();
}

void Generation::emit(std::string text) {
  if (text.empty()) return;
  if (options_.delivery == Delivery::kWhole) {
    text_ += text;
  } else {
    write_event(shape_->text_event(text));
  }
}

void Generation::write_event(const json::Value& value) {
  if (!value.is_null()) responder_.write(net::sse::event(json::dump(value)));
}

void Generation::fail(const Status& status) {
  const ApiError error = from_status(status);
  if (options_.delivery == Delivery::kWhole) {
    responder_.send(error_response(error, options_.path));
    return;
  }
  responder_.write(net::sse::event(error_body(error, options_.path)));
  responder_.end();
}

}  // namespace samovar::api
