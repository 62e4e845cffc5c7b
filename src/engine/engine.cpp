#include "engine/engine.h"

#include "engine/guarded.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::engine {
namespace {

// Positions a request may need: prompt and answer, inside the slot's context.
int64_t positions_needed(const Request& request, int64_t n_ctx) {
  constexpr int64_t kLeast = 8;  // a context can shift
  const auto n_prompt = static_cast<int64_t>(request.prompt.size());
  if (request.pooling) return n_prompt;
  if (request.n_ctx > 0) n_ctx = std::clamp(std::max(request.n_ctx, kLeast), n_prompt + 1, n_ctx);
  if (request.max_tokens < 0 || request.max_tokens > n_ctx - n_prompt) return n_ctx;
  return n_prompt + request.max_tokens;
}

Options completed(Options options) {
  if (options.n_cache_tokens == 0) options.n_cache_tokens = options.n_slots * options.n_ctx;
  options.n_cache_tokens = std::max(options.n_cache_tokens, options.n_ctx);
  return options;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::create(std::shared_ptr<const LoadedModel> model,
                                               const kernels::KernelTable& kernels,
                                               const Options& options, Ledger& ledger,
                                               const Clock& clock) {
  std::unique_ptr<Engine> engine(new Engine(std::move(model), kernels, options, clock));
  const model::ModelConfig& config = engine->model_->model().config();
  const int64_t n_pages = model::pages_for(engine->options_.n_cache_tokens);
  // Where that were no fewer than of all positions, the layers stay together.
  const int64_t n_windowed = windowed_pages(config, options);
  SAMOVAR_ASSIGN(engine->kv_, model::KvCache::create(config, options.kv_type, n_pages, ledger,
                                                     n_windowed < n_pages ? n_windowed : 0));
  engine->tree_.emplace(*engine->kv_);
  SAMOVAR_ASSIGN(engine->workspace_,
                 model::Workspace::create(config, workspace_options(options), ledger));
  engine->pool_ =
      options.pool != nullptr ? options.pool : std::make_shared<ComputePool>(options.n_threads);
  engine->slots_.resize(static_cast<size_t>(options.n_slots));
  engine->board_.resize(engine->slots_.size());
  for (size_t i = 0; i < engine->slots_.size(); ++i)
    engine->slots_[i].set_index(static_cast<int32_t>(i));
  engine->batch_.rows.reserve(static_cast<size_t>(engine->workspace_->options().max_rows));
  engine->batch_.sequences.reserve(engine->slots_.size());
  engine->in_batch_.reserve(engine->slots_.size());
  engine->paused_.reserve(engine->slots_.size());
  engine->by_age_.reserve(engine->slots_.size());
  engine->thread_ = std::thread([raw = engine.get()] { raw->run(); });
  return engine;
}

int64_t Engine::windowed_pages(const model::ModelConfig& config, const Options& options) {
  constexpr int64_t kRemembered = 2;
  const int64_t window = config.largest_window();
  if (window == 0) return 0;
  const int64_t max_rows = workspace_options(options).max_rows;
  return options.n_slots * (Slot::max_windowed_pages(window, max_rows) +
                            kRemembered * Slot::max_windowed_pages(window, 0));
}

model::WorkspaceOptions Engine::workspace_options(const Options& options) {
  const int64_t max_rows = std::max(options.max_batch_rows, options.n_slots);
  return {.max_rows = max_rows,
          .max_logit_rows = std::min(max_rows, options.n_slots + Slot::kMaxDraft)};
}

Engine::Engine(std::shared_ptr<const LoadedModel> model, const kernels::KernelTable& kernels,
               const Options& options, const Clock& clock)
    : model_(std::move(model)),
      kernels_(kernels),
      options_(completed(options)),
      clock_(clock),
      stopping_(busy("the server is shutting down")),
      too_late_(busy("the request waited in the queue for as long as it may; ask later")),
      chunks_(workspace_options(options).max_rows) {
  const tokenizer::Vocabulary& vocabulary = model_->tokenizer().vocabulary();
  is_end_.resize(static_cast<size_t>(model_->model().config().n_vocab));
  for (size_t i = 0; i < is_end_.size() && i < vocabulary.size(); ++i) {
    is_end_[i] = vocabulary.is_end_of_generation(static_cast<tokenizer::Token>(i));
  }
}

Engine::~Engine() {
  stop();
}

Status Engine::check_prompt(std::span<const int32_t> prompt) const {
  const auto n_prompt = static_cast<int64_t>(prompt.size());
  if (n_prompt == 0) return invalid_argument("the prompt has no tokens");
  if (n_prompt >= options_.n_ctx) {
    return invalid_argument(
        fmt::format("the prompt of {} tokens exceeds the available context size of {} tokens; "
                    "shorten it, or start with a larger --ctx-size",
                    n_prompt, options_.n_ctx));
  }
  return {};
}

Status Engine::check_text(std::span<const int32_t> text) const {
  const auto n_text = static_cast<int64_t>(text.size());
  if (n_text == 0) return invalid_argument("the text has no tokens");
  if (n_text > options_.n_ctx) {
    return invalid_argument(
        fmt::format("the text of {} tokens is too large to process: the context holds {} tokens; "
                    "shorten it, or start with a larger --ctx-size",
                    n_text, options_.n_ctx));
  }
  return {};
}

Status Engine::submit(Request request) {
  SAMOVAR_TRY(request.pooling ? check_text(request.prompt) : check_prompt(request.prompt));
  request.id = next_id_.fetch_add(1, std::memory_order_relaxed);
  const bool may_wait_outside = request.takes_over;
  std::list<Queued> letter;  // made before anything is counted: nothing fails from there on
  letter.push_back({std::move(request), clock_.monotonic_us()});
  const int64_t n_before = n_queued_.fetch_add(1, std::memory_order_relaxed);
  if (n_before >= options_.max_queue && !may_wait_outside) {
    n_queued_.fetch_sub(1, std::memory_order_relaxed);
    return busy(fmt::format("the queue is full: {} requests wait", options_.max_queue));
  }
  stats_.requests_deferred.fetch_add(1, std::memory_order_relaxed);
  if (!mailbox_.send_all(std::move(letter))) {
    leave_queue();
    return stopping_;
  }
  return {};
}

void Engine::count_answer(const Timings& timings) {
  stats_.predicted_tokens.fetch_add(timings.n_predicted, std::memory_order_relaxed);
  stats_.predicted_us.fetch_add(timings.predicted_us, std::memory_order_relaxed);
}

void Engine::stop() {
  mailbox_.close();
  stop_.store(true, std::memory_order_release);
  if (thread_.joinable()) thread_.join();
}

int64_t Engine::retry_after_s() const {
  const int64_t n_waiting = n_queued_.load(std::memory_order_relaxed) + 1;
  const int64_t request_us = stats_.mean_request_us.load(std::memory_order_relaxed);
  constexpr int64_t kMaxSeconds = 600;
  return std::clamp<int64_t>(n_waiting * request_us / options_.n_slots / 1'000'000, 1, kMaxSeconds);
}

void Engine::run() {
  while (receive()) {
    obey_stop_signs();
    obey_forget();
    resume_paused();
    admit();
    publish_gauges();
    step();
    publish_gauges();
  }
  // Closed before stop_ was set: what is in the mailbox now is all that ever will be.
  mailbox_.try_receive_all(letters_);
  for (Slot& slot : slots_) {
    if (slot.busy()) finish(slot, FinishReason::kError, stopping_);
  }
  const auto end = [this](Queued& queued) {
    end_queued(queued, FinishReason::kError, stopping_);
    return true;
  };
  queue_.erase_if(end);
  std::erase_if(letters_, end);
}

// Takes all waiting messages; sleeps first when there is nothing to do. False: time to stop.
bool Engine::receive() {
  const bool idle =
      queue_.empty() && letters_.empty() &&
      std::none_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.busy(); });
  if (idle) {
    mailbox_.receive_all(letters_);
  } else {
    mailbox_.try_receive_all(letters_);
  }
  // What finds no memory for a place in the queue keeps its place in letters_.
  guarded([this]() -> Status {
    queue_.put(letters_);
    return {};
  }).ignore("tried again with the next step");
  return !stop_.load(std::memory_order_acquire);
}

void Engine::forget() {
  forget_.store(true, std::memory_order_relaxed);
  mailbox_.wake();
}

void Engine::obey_forget() {
  if (!forget_.exchange(false, std::memory_order_relaxed)) return;
  tree_->clear();
  kv_->discard_free_pages();
}

void Engine::obey_stop_signs() {
  for (Slot& slot : slots_) {
    const StopSign sign = slot.stop_sign();
    if (sign == StopSign::kNone) continue;
    if (sign == StopSign::kGone) stats_.requests_cancelled.fetch_add(1, std::memory_order_relaxed);
    finish(slot, FinishReason::kStopSign, {});
  }
  const int64_t now = clock_.monotonic_us();
  const auto is_over = [&](Queued& queued) {
    const Request& request = queued.request;
    if (request.stop_sign->load(std::memory_order_relaxed) != StopSign::kNone) {
      stats_.requests_cancelled.fetch_add(1, std::memory_order_relaxed);
      end_queued(queued, FinishReason::kStopSign, {});
      return true;
    }
    if (request.deadline_us == 0 || now < request.deadline_us) return false;
    end_queued(queued, FinishReason::kError, too_late_);
    return true;
  };
  queue_.erase_if(is_over);
}

// Counters first, as in finish().
void Engine::end_queued(Queued& queued, FinishReason reason, Status error) {
  leave_queue();
  guarded([&]() -> Status {
    queued.request.sink->on_event(
        {.kind = Event::Kind::kDone, .reason = reason, .error = std::move(error)});
    return {};
  }).ignore("the sink knows what to do when it is let go");
}

void Engine::leave_queue() {
  n_queued_.fetch_sub(1, std::memory_order_relaxed);
  stats_.requests_deferred.fetch_sub(1, std::memory_order_relaxed);
}

// Nothing starts while a request that has started waits for pages.
void Engine::admit() {
  while (paused_.empty() && !queue_.empty()) {
    Queued& next = queue_.front();
    const uint64_t tenant = next.request.tenant;
    const auto n_prompt = static_cast<int64_t>(next.request.prompt.size());
    bool started = false;
    Status status = guarded([&]() -> Status {
      started = start_on_some_slot(next);
      return {};
    });
    if (!status.ok()) {
      end_queued(next, FinishReason::kError, std::move(status));
    } else if (started) {
      leave_queue();
      stats_.requests_processing.fetch_add(1, std::memory_order_relaxed);
    } else {
      return;
    }
    queue_.pop_front();
    queue_.charge(tenant, n_prompt);
  }
}

bool Engine::start_on_some_slot(Queued& queued) {
  const auto idle =
      std::find_if(slots_.begin(), slots_.end(), [](const Slot& slot) { return !slot.busy(); });
  return idle != slots_.end() &&
         idle->start(queued.request, positions_needed(queued.request, options_.n_ctx), *kv_, *tree_,
                     clock_.monotonic_us(), queued.queued_us);
}

}  // namespace samovar::engine
