#include "engine/slot.h"

#include "base/check.h"

#include <algorithm>
#include <string>

namespace samovar::engine {

bool Slot::start(Request& request, int64_t n_positions, model::KvCache& kv, PrefixTree& tree,
                 int64_t now_us, int64_t queued_us) {
  SAMOVAR_CHECK(!busy() && pages_.empty());
  if (!take_pages(request, n_positions, kv, tree)) return false;
  try {
    if (request.pooling) {
      pooler_.emplace(*request.pooling, static_cast<int64_t>(request.prompt.size()));
    } else {
      take_answer_memory(request, n_positions);
    }
  } catch (...) {
    release_pages(kv);
    throw;
  }
  n_positions_ = n_positions;
  n_prompt_ = static_cast<int64_t>(request.prompt.size());
  n_read_ = 0;
  timings_ = Timings{.queue_us = now_us - queued_us, .n_cached = static_cast<int64_t>(n_cached())};
  started_us_ = now_us;
  next_ = -1;
  view_ = {.request_id = request.id,
           .n_prompt = n_prompt_,
           .n_reused = timings_.n_cached,
           .note = request.note};
  request_.emplace(std::move(request));
  return true;
}

void Slot::take_answer_memory(const Request& request, int64_t n_positions) {
  sampler_.emplace(request.sampling);
  for (const int32_t token : request.prompt) sampler_->accept(token);
  matcher_.reset();
  if (request.grammar) matcher_.emplace(request.grammar->matcher());
  drafter_.reset();
  if (request.speculate) start_drafter(request.prompt, n_positions);
}

void Slot::start_drafter(std::span<const int32_t> text, int64_t n_positions) {
  drafter_.emplace(static_cast<size_t>(n_positions) + 1);
  for (const int32_t token : text) drafter_->accept(token);
}

int64_t Slot::add_rows(model::Batch& batch, int64_t budget, int64_t max_draft, model::KvCache& kv,
                       PrefixTree& tree) {
  pending_ = {};
  if (!busy() || budget <= 0) return 0;
  const bool answers = in_answer();
  if (answers) {
    pending_ = next_and_draft(std::min(budget - 1, max_draft));
  } else {
    pending_ = std::span<const int32_t>(request_->prompt).subspan(n_cached());
    size_t n = std::min(pending_.size(), static_cast<size_t>(budget));
    if (n_cached() < share_at_) n = std::min(n, share_at_ - n_cached());
    pending_ = pending_.first(n);
  }
  const bool ends_prompt = n_cached() + pending_.size() >= request_->prompt.size();
  slide_window(static_cast<int64_t>(pending_.size()), kv, tree);
  const auto sequence = static_cast<int32_t>(batch.sequences.size());
  batch.sequences.push_back({&pages_, &windowed_});
  n_states_ = 0;
  for (size_t i = 0; i < pending_.size(); ++i) {
    const bool ends = ends_prompt && i + 1 == pending_.size();
    const auto position = static_cast<int32_t>(n_cached() + i);
    const bool wants_state = pooler_ && pooler_->wants(position);
    n_states_ += wants_state ? 1 : 0;
    batch.rows.push_back({.token = pending_[i],
                          .position = position,
                          .sequence = sequence,
                          .wants_logits = !pooler_ && (answers || ends || request_->prompt_chances),
                          .wants_state = wants_state});
  }
  return static_cast<int64_t>(pending_.size());
}

// The token that was drawn last, and up to `max_draft` that may follow it inside the request's
// limits.
std::span<const int32_t> Slot::next_and_draft(int64_t max_draft) {
  answer_rows_[0] = next_;
  if (!drafter_) return std::span(answer_rows_).first(1);
  const int64_t n_room =
      std::min(n_positions_, static_cast<int64_t>(pages_.size()) * model::kPageTokens);
  int64_t limit = std::min({max_draft, kMaxDraft, n_room - static_cast<int64_t>(n_cached()) - 1});
  if (request_->max_tokens >= 0) {
    limit = std::min(limit, request_->max_tokens - timings_.n_predicted - 1);
  }
  const auto draft = drafter_->draft(static_cast<size_t>(std::max<int64_t>(limit, 0)));
  std::copy(draft.begin(), draft.end(), answer_rows_.begin() + 1);
  if (!draft.empty()) ++timings_.n_drafts;
  timings_.n_drafted += static_cast<int64_t>(draft.size());
  return std::span(answer_rows_).first(1 + draft.size());
}

// The next `n_tokens` of the prompt were computed; those that had been before a pause count apart.
void Slot::count_read(int64_t n_tokens) {
  const int64_t n_again =
      timings_.n_predicted > 0
          ? n_tokens
          : std::clamp<int64_t>(n_read_ - static_cast<int64_t>(n_cached()), 0, n_tokens);
  timings_.n_recomputed += n_again;
  timings_.n_prompt += n_tokens - n_again;
}

int64_t Slot::rows_done() {
  if (in_prompt()) {
    count_read(static_cast<int64_t>(pending_.size()));
    cached_.insert(cached_.end(), pending_.begin(), pending_.end());
    if (embeds()) return 0;
    if (request_->prompt_chances) return static_cast<int64_t>(pending_.size());
    return in_prompt() ? 0 : 1;
  }
  cached_.push_back(next_);
  pending_ = pending_.subspan(1);
  return static_cast<int64_t>(pending_.size()) + 1;
}

bool Slot::draft_holds() {
  if (pending_.empty() || pending_.front() != next_) return false;
  cached_.push_back(next_);
  pending_ = pending_.subspan(1);
  ++timings_.n_draft_held;
  return true;
}

std::optional<int32_t> Slot::forced_token() const {
  return request_->thought ? request_->thought->forced() : std::nullopt;
}

Result<std::span<const uint32_t>> Slot::allowed_tokens(grammar::TokenMasks& masks) const {
  if (!matcher_ || forced_token()) return std::span<const uint32_t>();
  return masks.allowed(*matcher_);
}

std::optional<FinishReason> Slot::next_token(std::span<float> logits,
                                             std::span<const uint32_t> allowed,
                                             const tokenizer::Vocabulary& vocabulary,
                                             const std::vector<bool>& is_end, int64_t now_us) {
  if (timings_.n_predicted == 0) {
    first_token_us_ = now_us;
    timings_.prompt_us = now_us - started_us_;
  }
  if (request_->max_tokens == 0) return FinishReason::kLength;
  const std::optional<int32_t> forced = forced_token();
  sample::Drawn drawn = forced ? sample::take(*forced, logits, request_->chances)
                               : sample::draw(*sampler_, logits, allowed, request_->chances);
  const int32_t token = drawn.token;
  if (token < 0) return FinishReason::kError;
  sampler_->accept(token);
  if (drafter_) drafter_->accept(token);
  if (request_->thought) request_->thought->accept(token);
  next_ = token;
  ++timings_.n_predicted;
  timings_.predicted_us = now_us - first_token_us_;
  // A grammar gives end tokens a chance only where it can end.
  if (is_end[static_cast<size_t>(token)] && (!request_->ignore_end || matcher_))
    return FinishReason::kEndOfGeneration;
  request_->sink->on_event({.kind = Event::Kind::kToken,
                            .slot = index_,
                            .token = token,
                            .chances = std::move(drawn.chances),
                            .timings = timings_});
  if (matcher_) {
    matcher_->accept(vocabulary.contains(token) ? vocabulary.bytes(token) : std::string());
    if (matcher_->must_end()) return FinishReason::kEndOfGeneration;
  }
  if (timings_.n_predicted == request_->max_tokens) return FinishReason::kLength;
  // Prompt and answer together fill the context, though the last token needs no place in it.
  if (static_cast<int64_t>(n_cached()) + 1 >= n_positions_) return FinishReason::kContextFull;
  return std::nullopt;
}

void Slot::share(PrefixTree& tree) {
  if (embeds()) return;
  const auto n_pages = static_cast<size_t>(model::pages_for(static_cast<int64_t>(n_cached())));
  const size_t n_windowed = std::min(n_pages, windowed_.size());
  tree.insert(request_->tenant, cached_, std::span(pages_).first(n_pages),
              std::span(windowed_).first(n_windowed));
  n_in_tree_ = static_cast<int64_t>(n_cached());
}

const Timings& Slot::close_timings(int64_t now_us) {
  if (timings_.n_predicted == 0) timings_.prompt_us = now_us - started_us_;
  return timings_;
}

void Slot::finish(FinishReason reason, Status error, model::KvCache& kv) {
  const std::shared_ptr<EventSink> sink = request_->sink;
  std::shared_ptr<const std::vector<float>> embedding;
  if (embeds() && reason == FinishReason::kLength) embedding = pooler_->take();
  release_pages(kv);
  request_.reset();
  sampler_.reset();
  matcher_.reset();
  drafter_.reset();
  pooler_.reset();
  pending_ = {};
  sink->on_event({.kind = Event::Kind::kDone,
                  .slot = index_,
                  .reason = reason,
                  .error = std::move(error),
                  .embedding = std::move(embedding),
                  .timings = timings_});
}

}  // namespace samovar::engine
