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

// Lives while the turn is used. Where memory runs out, the engine is told to stop and the turn is
// free again: the last event will be the client's answer.
class Generation::TurnInUse {
 public:
  explicit TurnInUse(Generation& generation) : generation_(generation) {}
  TurnInUse(const TurnInUse&) = delete;
  TurnInUse& operator=(const TurnInUse&) = delete;
  ~TurnInUse() {
    if (ended_) return;
    generation_.failed_ = true;
    generation_.stop_sign_->store(engine::StopSign::kEnough);
    generation_.turn_taken_.store(false);
  }
  void end() { ended_ = true; }

 private:
  Generation& generation_;
  bool ended_ = false;
};

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
  TurnInUse turn(*this);
  responder_.on_close([stop_sign = stop_sign_] { stop_sign->store(engine::StopSign::kGone); });
  if (options_.delivery == Delivery::kStream) {
    responder_.begin_stream(200, net::sse::headers(),
                            {std::string(net::sse::kComment), options_.ping_interval_ms});
    write_event(shape_->first_event());
  }
  turn.end();
  take_turn();
}

void Generation::on_event(const engine::Event& event) {
  events_.send(event);
  if (turn_taken_.exchange(true)) return;
  TurnInUse turn(*this);
  poster_([self = shared_from_this()] { self->take_turn(); });
  turn.end();
}

void Generation::take_turn() {
  TurnInUse turn(*this);
  do {
    while (auto event = events_.try_receive()) {
      if (event->kind == engine::Event::Kind::kToken) {
        on_token(event->token);
      } else {
        on_done(*event);
      }
    }
    turn_taken_.store(false);
  } while (!events_.empty() && !turn_taken_.exchange(true));
  turn.end();
}

void Generation::on_token(int32_t token) {
  if (stream_.stopped() || failed_) return;
  emit(stream_.push(token));
  if (stream_.stopped()) stop_sign_->store(engine::StopSign::kEnough);
}

void Generation::on_done(const engine::Event& event) {
  if (!event.error.ok()) return fail(event.error);
  if (failed_) return fail(out_of_memory());
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
