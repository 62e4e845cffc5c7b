#include "cli/answer.h"

#include "api/text_stream.h"
#include "engine/event_queue.h"

#include <atomic>
#include <csignal>

namespace samovar::cli {
namespace {

// What SIGINT sets. A signal handler can only reach globals; lock-free atomics are safe there.
std::atomic<std::atomic<engine::StopSign>*> g_running{nullptr};
static_assert(std::atomic<engine::StopSign>::is_always_lock_free);

void on_sigint(int) {
  if (auto* sign = g_running.load()) sign->store(engine::StopSign::kGone);
}

struct sigaction g_previous;

}  // namespace

Result<Answer> answer(const api::ServedModel& served, engine::Request request,
                      const AnswerOptions& options) {
  const auto queue = std::make_shared<engine::EventQueue>();
  const auto sign = request.stop_sign;
  request.sink = queue;
  SAMOVAR_TRY(served.engine->submit(std::move(request)));
  g_running = sign.get();

  Answer out;
  api::TextStream stream(served.model->tokenizer().vocabulary(), api::stop_strings(options.stop),
                         options.with_special);
  Status shown;
  const auto emit = [&](const std::string& text) {
    out.text += text;
    if (options.on_text && shown.ok() && !text.empty()) shown = options.on_text(text);
    if (!shown.ok()) sign->store(engine::StopSign::kGone);
  };
  engine::Event event = queue->next();
  for (; event.kind == engine::Event::Kind::kToken; event = queue->next()) {
    if (stream.stopped()) continue;
    out.ids.push_back(event.token);
    emit(stream.push(event.token));
    if (stream.stopped()) sign->store(engine::StopSign::kEnough);
  }
  g_running = nullptr;
  if (!event.error.ok()) return std::move(event.error);
  emit(stream.finish(event.reason));
  SAMOVAR_TRY(std::move(shown));
  out.timings = event.timings;
  out.interrupted = sign->load() == engine::StopSign::kGone;
  return out;
}

Interrupt::Interrupt() {
  struct sigaction action = {};
  action.sa_handler = on_sigint;  // without SA_RESTART: a waiting read of the terminal returns
  sigaction(SIGINT, &action, &g_previous);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &g_previous, nullptr);
}

}  // namespace samovar::cli
