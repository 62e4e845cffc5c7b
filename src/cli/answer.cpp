#include "cli/answer.h"

#include "api/stop_matcher.h"
#include "engine/event_queue.h"
#include "tokenizer/stream_decoder.h"

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
  tokenizer::StreamDecoder decoder(served.model->tokenizer().vocabulary(), options.with_special);
  api::StopMatcher matcher(options.stop);
  const auto emit = [&](const std::string& text) {
    out.text += text;
    if (options.on_text && !text.empty()) options.on_text(text);
  };
  engine::Event event = queue->next();
  for (; event.kind == engine::Event::Kind::kToken; event = queue->next()) {
    if (matcher.stopped()) continue;
    out.ids.push_back(event.token);
    emit(matcher.push(decoder.push(event.token)));
    if (matcher.stopped()) sign->store(engine::StopSign::kEnough);
  }
  g_running = nullptr;
  if (!event.error.ok()) return std::move(event.error);
  // A cut answer may end inside a character: that is left out rather than shown broken.
  if (event.reason == engine::FinishReason::kEndOfGeneration) emit(matcher.push(decoder.flush()));
  emit(matcher.flush());
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
