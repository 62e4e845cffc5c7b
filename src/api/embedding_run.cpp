#include "api/embedding_run.h"

#include "api/context_limit.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace samovar::api {
namespace {

// Numbers that one answer may hold: some 100 MB of JSON.
constexpr int64_t kMaxValues = int64_t{1} << 23;

}  // namespace

// The engine's end of one text.
class EmbeddingRun::Sink final : public engine::EventSink {
 public:
  Sink(std::shared_ptr<EmbeddingRun> run, size_t index) : run_(std::move(run)), index_(index) {}
  void on_event(const engine::Event& event) override {
    run_->poster_([run = run_, index = index_, event] { run->on_done(index, event); });
  }

 private:
  std::shared_ptr<EmbeddingRun> run_;
  size_t index_;
};

EmbeddingRun::EmbeddingRun(ServedPointer served, EmbeddingWork work, net::Responder responder,
                           Poster poster)
    : served_(std::move(served)),
      d_model_(served_->model->model().config().d_model),
      work_(std::move(work)),
      responder_(std::move(responder)),
      poster_(std::move(poster)),
      stop_sign_(std::make_shared<std::atomic<engine::StopSign>>(engine::StopSign::kNone)),
      embedded_(work_.texts.size()) {}

void EmbeddingRun::start() {
  MutexLock lock(mutex_);
  if (const auto problem = check_texts(*served_->engine)) return refuse(*problem);
  if (const Status status = submit_more(); !status.ok()) return refuse(from_status(status));
  responder_.on_close([sign = stop_sign_] { sign->store(engine::StopSign::kGone); });
}

// All texts before the first is computed.
std::optional<ApiError> EmbeddingRun::check_texts(const engine::Engine& engine) const {
  int64_t n_rows = 0;
  for (size_t i = 0; i < work_.texts.size(); ++i) {
    const std::vector<int32_t>& text = work_.texts[i];
    n_rows += work_.pooling == model::Pooling::kNone ? static_cast<int64_t>(text.size()) : 1;
    const Status status = engine.check_text(text);
    if (status.ok()) continue;
    ApiError error = context_exceeded(std::string(status.message()),
                                      static_cast<int64_t>(text.size()), engine.options().n_ctx);
    error.param = fmt::format("input[{}]", i);
    return error;
  }
  if (n_rows <= kMaxValues / d_model_) return std::nullopt;
  return bad_field("input", "invalid_value",
                   fmt::format("{} vectors of {} numbers are too large for one answer, which holds "
                               "up to {} numbers; ask for fewer, or start with --pooling mean",
                               n_rows, d_model_, kMaxValues));
}

Status EmbeddingRun::submit_more() {
  const auto n_ahead = static_cast<size_t>(2 * served_->engine->options().n_slots);
  while (n_submitted_ < embedded_.size() && n_submitted_ - n_done_ < n_ahead) {
    const Status status = submit(*served_->engine, n_submitted_);
    // A full queue is no reason to lose what has been computed: the next end makes room.
    if (status.code() == Code::kBusy && n_submitted_ > n_done_) return {};
    if (!status.ok()) return status;
    ++n_submitted_;
  }
  return {};
}

Status EmbeddingRun::submit(engine::Engine& engine, size_t index) {
  embedded_[index].n_tokens = static_cast<int64_t>(work_.texts[index].size());
  return engine.submit({.prompt = work_.texts[index],
                        .pooling = work_.pooling,
                        .tenant = work_.tenant,
                        .deadline_us = n_submitted_ == 0 ? work_.deadline_us : 0,
                        // Nothing of it is left that would make room in a full queue.
                        .takes_over = n_done_ > 0 && n_done_ == n_submitted_,
                        .sink = std::make_shared<Sink>(shared_from_this(), index),
                        .stop_sign = stop_sign_});
}

void EmbeddingRun::on_done(size_t index, const engine::Event& event) {
  MutexLock lock(mutex_);
  ++n_done_;
  if (over_) return;
  if (!event.error.ok()) return refuse(from_status(event.error));
  if (event.embedding == nullptr) return refuse(from_status(cancelled("the client went away")));
  const bool finite = std::all_of(event.embedding->begin(), event.embedding->end(),
                                  [](float value) { return std::isfinite(value); });
  if (!finite) {
    return refuse(from_status(internal_error("the model's final state is not a number")));
  }
  embedded_[index].values = event.embedding;
  if (n_done_ == embedded_.size()) {
    over_ = true;
    return responder_.send(net::Response::json(200, work_.body(embedded_)));
  }
  if (const Status status = submit_more(); !status.ok()) refuse(from_status(status));
}

void EmbeddingRun::refuse(const ApiError& error) {
  over_ = true;
  stop_sign_->store(engine::StopSign::kGone);
  responder_.send(error_response(error, work_.path, served_->engine->retry_after_s()));
}

}  // namespace samovar::api
