#include "engine/slot.h"

#include "base/check.h"

#include <algorithm>

namespace samovar::engine {

size_t Slot::common_prefix(std::span<const int32_t> prompt) const {
  const auto end = std::mismatch(cached_.begin(), cached_.end(), prompt.begin(), prompt.end());
  return static_cast<size_t>(end.first - cached_.begin());
}

bool Slot::start(Request& request, int64_t n_positions, model::KvCache& kv, int64_t now_us,
                 int64_t queued_us) {
  SAMOVAR_CHECK(!busy());
  // The last prompt token is always computed: its logits give the first answer token.
  const size_t kept = std::min(common_prefix(request.prompt), request.prompt.size() - 1);
  cached_.resize(kept);
  const auto wanted = static_cast<size_t>(model::pages_for(n_positions));
  while (pages_.size() > wanted) {
    kv.release(pages_.back());
    pages_.pop_back();
  }
  if (wanted - pages_.size() > static_cast<size_t>(kv.n_free_pages())) return false;
  pages_.reserve(wanted);
  cached_.reserve(static_cast<size_t>(n_positions));
  while (pages_.size() < wanted) pages_.push_back(*kv.allocate());

  n_positions_ = n_positions;
  sampler_.emplace(request.sampling);
  for (const int32_t token : request.prompt) sampler_->accept(token);
  timings_ = Timings{.queue_us = now_us - queued_us, .n_cached = static_cast<int64_t>(kept)};
  started_us_ = now_us;
  next_ = -1;
  view_ = {.request_id = request.id,
           .n_prompt = static_cast<int64_t>(request.prompt.size()),
           .n_reused = static_cast<int64_t>(kept),
           .note = request.note};
  request_.emplace(std::move(request));
  return true;
}

int64_t Slot::add_rows(model::Batch& batch, int64_t budget) {
  n_pending_ = 0;
  pending_wants_logits_ = false;
  if (!busy() || budget <= 0) return 0;
  std::span<const int32_t> left(&next_, 1);
  if (in_prompt()) left = std::span(request_->prompt).subspan(n_cached());
  n_pending_ = std::min<size_t>(left.size(), static_cast<size_t>(budget));
  pending_wants_logits_ = n_pending_ == left.size();
  const auto sequence = static_cast<int32_t>(batch.sequences.size());
  batch.sequences.push_back(&pages_);
  for (size_t i = 0; i < n_pending_; ++i) {
    batch.rows.push_back({.token = left[i],
                          .position = static_cast<int32_t>(n_cached() + i),
                          .sequence = sequence,
                          .wants_logits = pending_wants_logits_ && i + 1 == n_pending_});
  }
  return static_cast<int64_t>(n_pending_);
}

bool Slot::rows_done() {
  if (in_prompt()) {
    const auto first = request_->prompt.begin() + static_cast<std::ptrdiff_t>(n_cached());
    cached_.insert(cached_.end(), first, first + static_cast<std::ptrdiff_t>(n_pending_));
    timings_.n_prompt += static_cast<int64_t>(n_pending_);
  } else {
    cached_.push_back(next_);
  }
  n_pending_ = 0;
  return pending_wants_logits_;
}

std::optional<FinishReason> Slot::next_token(std::span<float> logits,
                                             const std::vector<bool>& is_end, int64_t now_us) {
  if (timings_.n_predicted == 0) {
    first_token_us_ = now_us;
    timings_.prompt_us = now_us - started_us_;
  }
  if (request_->max_tokens == 0) return FinishReason::kLength;
  sample::Drawn drawn = sample::draw(*sampler_, logits, request_->chances);
  const int32_t token = drawn.token;
  if (token < 0) return FinishReason::kError;
  sampler_->accept(token);
  next_ = token;
  ++timings_.n_predicted;
  timings_.predicted_us = now_us - first_token_us_;
  if (is_end[static_cast<size_t>(token)] && !request_->ignore_end)
    return FinishReason::kEndOfGeneration;
  request_->sink->on_event({.kind = Event::Kind::kToken,
                            .slot = index_,
                            .token = token,
                            .chances = std::move(drawn.chances),
                            .timings = timings_});
  if (timings_.n_predicted == request_->max_tokens) return FinishReason::kLength;
  if (static_cast<int64_t>(n_cached()) >= n_positions_) return FinishReason::kContextFull;
  return std::nullopt;
}

const Timings& Slot::close_timings(int64_t now_us) {
  if (timings_.n_predicted == 0) timings_.prompt_us = now_us - started_us_;
  return timings_;
}

void Slot::finish(FinishReason reason, Status error, int64_t now_us) {
  const std::shared_ptr<EventSink> sink = request_->sink;
  last_used_us_ = now_us;
  request_.reset();
  sampler_.reset();
  sink->on_event({.kind = Event::Kind::kDone,
                  .slot = index_,
                  .reason = reason,
                  .error = std::move(error),
                  .timings = timings_});
}

void Slot::report_progress(int64_t now_us) {
  if (!busy() || !request_->progress || timings_.n_predicted > 0) return;
  if (timings_.n_prompt > 0) timings_.prompt_us = now_us - started_us_;
  request_->sink->on_event({.kind = Event::Kind::kPrompt, .slot = index_, .timings = timings_});
}

const SlotView& Slot::update_view() {
  view_.busy = busy();
  view_.n_past = static_cast<int64_t>(n_cached());
  view_.n_evaluated = timings_.n_prompt;
  view_.n_decoded = busy() ? timings_.n_predicted : 0;
  const bool limited = busy() && request_->max_tokens >= 0;
  view_.n_remaining = limited ? request_->max_tokens - timings_.n_predicted : -1;
  return view_;
}

void Slot::evict(model::KvCache& kv) {
  SAMOVAR_CHECK(!busy());
  for (const model::PageId page : pages_) kv.release(page);
  pages_.clear();
  cached_.clear();
}

}  // namespace samovar::engine
