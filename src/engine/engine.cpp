#include "engine/engine.h"

#include "base/log.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::engine {
namespace {

// Positions a request may need: prompt and answer, inside the slot's context.
int64_t positions_needed(const Request& request, int64_t n_ctx) {
  const auto n_prompt = static_cast<int64_t>(request.prompt.size());
  if (request.max_tokens < 0 || request.max_tokens > n_ctx - n_prompt) return n_ctx;
  return n_prompt + request.max_tokens;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::create(std::shared_ptr<const LoadedModel> model,
                                               const kernels::KernelTable& kernels,
                                               const Options& options, Ledger& ledger,
                                               const Clock& clock) {
  std::unique_ptr<Engine> engine(new Engine(std::move(model), kernels, options, clock));
  const model::ModelConfig& config = engine->model_->model().config();
  const int64_t n_pages = options.n_slots * model::pages_for(options.n_ctx);
  SAMOVAR_ASSIGN(engine->kv_, model::KvCache::create(config, options.kv_type, n_pages, ledger));
  SAMOVAR_ASSIGN(
      engine->workspace_,
      model::Workspace::create(config,
                               {.max_rows = std::max(options.max_batch_rows, options.n_slots),
                                .max_logit_rows = options.n_slots},
                               ledger));
  engine->slots_.resize(static_cast<size_t>(options.n_slots));
  engine->thread_ = std::thread([raw = engine.get()] { raw->run(); });
  return engine;
}

Engine::Engine(std::shared_ptr<const LoadedModel> model, const kernels::KernelTable& kernels,
               const Options& options, const Clock& clock)
    : model_(std::move(model)), kernels_(kernels), options_(options), clock_(clock) {
  const tokenizer::Vocabulary& vocabulary = model_->tokenizer().vocabulary();
  is_end_.resize(static_cast<size_t>(model_->model().config().n_vocab));
  for (size_t i = 0; i < is_end_.size() && i < vocabulary.size(); ++i) {
    is_end_[i] = vocabulary.is_end_of_generation(static_cast<tokenizer::Token>(i));
  }
}

Engine::~Engine() {
  stop();
}

Status Engine::submit(Request request) {
  const auto n_prompt = static_cast<int64_t>(request.prompt.size());
  if (n_prompt == 0) return invalid_argument("the prompt has no tokens");
  if (n_prompt >= options_.n_ctx) {
    return invalid_argument(
        fmt::format("the prompt of {} tokens exceeds the available context size of {} tokens; "
                    "shorten it, or start with a larger --ctx-size",
                    n_prompt, options_.n_ctx));
  }
  if (n_queued_.fetch_add(1, std::memory_order_relaxed) >= options_.max_queue) {
    n_queued_.fetch_sub(1, std::memory_order_relaxed);
    return busy(fmt::format("the queue is full: {} requests wait", options_.max_queue));
  }
  stats_.requests_deferred.fetch_add(1, std::memory_order_relaxed);
  if (!mailbox_.send({std::move(request), clock_.monotonic_us()})) {
    leave_queue();
    return busy("the server is shutting down");
  }
  return {};
}

void Engine::stop() {
  mailbox_.close();
  stop_.store(true, std::memory_order_release);
  if (thread_.joinable()) thread_.join();
}

void Engine::run() {
  ThreadPool pool(options_.n_threads);
  while (receive()) {
    obey_stop_signs();
    admit();
    step(pool);
    publish_gauges();
  }
  // Closed before stop_ was set: what is in the mailbox now is all that ever will be.
  while (auto message = mailbox_.try_receive()) queue_.push_back(*std::move(message));
  const Status stopping = busy("the server is shutting down");
  for (Slot& slot : slots_) {
    if (slot.busy()) finish(slot, FinishReason::kError, stopping);
  }
  for (Queued& queued : queue_) {
    queued.request.sink->on_event(
        {.kind = Event::Kind::kDone, .reason = FinishReason::kError, .error = stopping});
  }
}

// Takes all waiting messages; sleeps first when there is nothing to do. False: time to stop.
bool Engine::receive() {
  const bool idle = queue_.empty() && std::none_of(slots_.begin(), slots_.end(),
                                                   [](const Slot& slot) { return slot.busy(); });
  for (auto message = idle ? mailbox_.receive() : mailbox_.try_receive(); message;
       message = mailbox_.try_receive()) {
    queue_.push_back(*std::move(message));
  }
  return !stop_.load(std::memory_order_acquire);
}

void Engine::obey_stop_signs() {
  for (Slot& slot : slots_) {
    const StopSign sign = slot.stop_sign();
    if (sign == StopSign::kNone) continue;
    if (sign == StopSign::kGone) stats_.requests_cancelled.fetch_add(1, std::memory_order_relaxed);
    finish(slot, FinishReason::kStopSign, {});
  }
  const auto gone = [this](Queued& queued) {
    if (queued.request.stop_sign->load(std::memory_order_relaxed) == StopSign::kNone) return false;
    leave_queue();
    stats_.requests_cancelled.fetch_add(1, std::memory_order_relaxed);
    queued.request.sink->on_event({.kind = Event::Kind::kDone, .reason = FinishReason::kStopSign});
    return true;
  };
  std::erase_if(queue_, gone);
}

void Engine::leave_queue() {
  n_queued_.fetch_sub(1, std::memory_order_relaxed);
  stats_.requests_deferred.fetch_sub(1, std::memory_order_relaxed);
}

void Engine::admit() {
  while (!queue_.empty() && start_on_some_slot(queue_.front())) {
    queue_.pop_front();
    leave_queue();
    stats_.requests_processing.fetch_add(1, std::memory_order_relaxed);
  }
}

// The idle slot that shares the longest prefix with the prompt, the longest unused one among
// equals.
bool Engine::start_on_some_slot(Queued& queued) {
  Slot* best = nullptr;
  size_t best_prefix = 0;
  for (Slot& slot : slots_) {
    if (slot.busy()) continue;
    const size_t prefix = slot.common_prefix(queued.request.prompt);
    if (best == nullptr || prefix > best_prefix ||
        (prefix == best_prefix && slot.last_used_us() < best->last_used_us())) {
      best = &slot;
      best_prefix = prefix;
    }
  }
  if (best == nullptr) return false;
  const int64_t n_positions = positions_needed(queued.request, options_.n_ctx);
  const int64_t now = clock_.monotonic_us();
  if (best->start(queued.request, n_positions, *kv_, now, queued.queued_us)) return true;
  for (Slot& slot : slots_) {
    if (&slot != best && !slot.busy()) slot.evict(*kv_);
  }
  return best->start(queued.request, n_positions, *kv_, now, queued.queued_us);
}

// Answers first: a long prompt gets the rows that they leave.
void Engine::fill_batch() {
  batch_.rows.clear();
  batch_.sequences.clear();
  in_batch_.clear();
  int64_t budget = workspace_->options().max_rows;
  for (const bool prompts : {false, true}) {
    for (Slot& slot : slots_) {
      if (!slot.busy() || slot.in_prompt() != prompts || budget == 0) continue;
      budget -= slot.add_rows(batch_, budget);
      in_batch_.push_back(&slot);
    }
  }
}

void Engine::step(ThreadPool& pool) {
  fill_batch();
  stats_.last_step_us.store(clock_.monotonic_us(), std::memory_order_relaxed);
  if (in_batch_.empty()) return;
  Status status = model::forward(model_->model(), kernels_, batch_, *kv_, *workspace_, pool);
  stats_.steps.fetch_add(1, std::memory_order_relaxed);
  stats_.busy_slot_steps.fetch_add(static_cast<int64_t>(in_batch_.size()),
                                   std::memory_order_relaxed);
  if (status.ok()) status = model_->check_mapping();
  if (status.ok()) {
    draw_tokens();
  } else {
    log::error("step failed: {}", status.message());
    for (Slot* slot : in_batch_) finish(*slot, FinishReason::kError, status);
  }
}

void Engine::draw_tokens() {
  int64_t i_logits = 0;
  for (Slot* slot : in_batch_) {
    if (!slot->rows_done()) continue;
    const auto reason =
        slot->next_token(workspace_->logits(i_logits++), is_end_, clock_.monotonic_us());
    if (!reason) continue;
    finish(*slot, *reason,
           *reason == FinishReason::kError
               ? internal_error("the model gave no token a chance: all logits "
                                "are banned or not numbers")
               : Status());
  }
}

// Counters first: whoever saw the end of an answer finds it in the metrics.
void Engine::finish(Slot& slot, FinishReason reason, Status error) {
  const int64_t now = clock_.monotonic_us();
  const Timings& t = slot.close_timings(now);
  stats_.prompt_tokens.fetch_add(t.n_prompt, std::memory_order_relaxed);
  stats_.prompt_tokens_cached.fetch_add(t.n_cached, std::memory_order_relaxed);
  stats_.prompt_us.fetch_add(t.prompt_us, std::memory_order_relaxed);
  stats_.predicted_tokens.fetch_add(t.n_predicted, std::memory_order_relaxed);
  stats_.predicted_us.fetch_add(t.predicted_us, std::memory_order_relaxed);
  stats_.requests_processing.fetch_sub(1, std::memory_order_relaxed);
  publish_gauges();
  slot.finish(reason, std::move(error), now);
}

void Engine::publish_gauges() {
  int64_t n_tokens = 0;
  int64_t longest = stats_.max_sequence_tokens.load(std::memory_order_relaxed);
  for (const Slot& slot : slots_) {
    n_tokens += static_cast<int64_t>(slot.n_cached());
    longest = std::max(longest, static_cast<int64_t>(slot.n_cached()));
  }
  stats_.kv_tokens.store(n_tokens, std::memory_order_relaxed);
  stats_.max_sequence_tokens.store(longest, std::memory_order_relaxed);
}

}  // namespace samovar::engine
