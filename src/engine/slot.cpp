#include "engine/slot.h"

#include "base/check.h"

#include <algorithm>
#include <limits>
#include <string>

namespace samovar::engine {

// Takes the pages that the tree holds of `prompt` and free ones for the rest. False, and none
// taken, when there are too few.
bool Slot::take_pages(std::span<const int32_t> prompt, uint64_t tenant, int64_t n_positions,
                      model::KvCache& kv, PrefixTree& tree) {
  // The last prompt token is always computed: its logits give the first answer token.
  const PrefixTree::Match match = tree.find(tenant, prompt.first(prompt.size() - 1));
  const auto n_wanted = static_cast<size_t>(model::pages_for(n_positions));
  pages_.reserve(n_wanted);
  cached_.reserve(static_cast<size_t>(n_positions));
  for (const model::PageId page : match.pages) {
    kv.retain(page);
    pages_.push_back(page);
  }
  const auto n_free_wanted = static_cast<int64_t>(n_wanted - pages_.size());
  int64_t n_tail = match.n_tail;
  if (n_tail > 0) {  // held while room is made for its copy; given up where there is none
    kv.retain(match.tail);
    if (!tree.make_room(n_free_wanted)) n_tail = 0;
    if (n_tail > 0) pages_.push_back(*kv.copy(match.tail, n_tail));
    kv.release(match.tail);
  }
  if (!tree.make_room(static_cast<int64_t>(n_wanted - pages_.size()))) {
    release_pages(kv);
    return false;
  }
  while (pages_.size() < n_wanted) pages_.push_back(*kv.allocate());
  const size_t n_kept =
      match.pages.size() * static_cast<size_t>(model::kPageTokens) + static_cast<size_t>(n_tail);
  cached_.assign(prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(n_kept));
  n_in_tree_ = static_cast<int64_t>(n_kept);
  return true;
}

void Slot::release_pages(model::KvCache& kv) {
  for (const model::PageId page : pages_) kv.release(page);
  pages_.clear();
  cached_.clear();
  n_in_tree_ = 0;
}

bool Slot::start(Request& request, int64_t n_positions, model::KvCache& kv, PrefixTree& tree,
                 int64_t now_us, int64_t queued_us) {
  SAMOVAR_CHECK(!busy() && pages_.empty());
  if (!take_pages(request.prompt, request.tenant, n_positions, kv, tree)) return false;
  try {
    sampler_.emplace(request.sampling);
    for (const int32_t token : request.prompt) sampler_->accept(token);
    matcher_.reset();
    if (request.grammar) matcher_.emplace(request.grammar->matcher());
    drafter_.reset();
    if (request.speculate) start_drafter(request.prompt, n_positions);
  } catch (...) {
    release_pages(kv);
    throw;
  }
  n_positions_ = n_positions;
  n_prompt_ = static_cast<int64_t>(request.prompt.size());
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

void Slot::start_drafter(std::span<const int32_t> text, int64_t n_positions) {
  drafter_.emplace(static_cast<size_t>(n_positions) + 1);
  for (const int32_t token : text) drafter_->accept(token);
}

int64_t Slot::add_rows(model::Batch& batch, int64_t budget, int64_t max_draft) {
  pending_ = {};
  if (!busy() || budget <= 0) return 0;
  const bool answers = in_answer();
  if (answers) {
    pending_ = next_and_draft(std::min(budget - 1, max_draft));
  } else {
    pending_ = std::span<const int32_t>(request_->prompt).subspan(n_cached());
    if (static_cast<int64_t>(pending_.size()) > budget) {
      pending_ = pending_.first(static_cast<size_t>(budget));
    }
  }
  const bool ends_prompt = n_cached() + pending_.size() >= request_->prompt.size();
  const auto sequence = static_cast<int32_t>(batch.sequences.size());
  batch.sequences.push_back(&pages_);
  for (size_t i = 0; i < pending_.size(); ++i) {
    const bool ends = ends_prompt && i + 1 == pending_.size();
    batch.rows.push_back({.token = pending_[i],
                          .position = static_cast<int32_t>(n_cached() + i),
                          .sequence = sequence,
                          .wants_logits = answers || ends});
  }
  return static_cast<int64_t>(pending_.size());
}

// The token that was drawn last, and up to `max_draft` that may follow it inside the request's
// limits.
std::span<const int32_t> Slot::next_and_draft(int64_t max_draft) {
  answer_rows_[0] = next_;
  if (!drafter_) return std::span(answer_rows_).first(1);
  int64_t limit =
      std::min({max_draft, kMaxDraft, n_positions_ - static_cast<int64_t>(n_cached()) - 1});
  if (request_->max_tokens >= 0) {
    limit = std::min(limit, request_->max_tokens - timings_.n_predicted - 1);
  }
  const auto draft = drafter_->draft(static_cast<size_t>(std::max<int64_t>(limit, 0)));
  std::copy(draft.begin(), draft.end(), answer_rows_.begin() + 1);
  if (!draft.empty()) ++timings_.n_drafts;
  timings_.n_drafted += static_cast<int64_t>(draft.size());
  return std::span(answer_rows_).first(1 + draft.size());
}

int64_t Slot::rows_done() {
  if (in_prompt()) {
    cached_.insert(cached_.end(), pending_.begin(), pending_.end());
    int64_t& n_evaluated = timings_.n_dropped > 0 ? timings_.n_recomputed : timings_.n_prompt;
    n_evaluated += static_cast<int64_t>(pending_.size());
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

Status Slot::constrain(std::span<float> logits, grammar::TokenMasks& masks) const {
  if (!matcher_) return {};
  SAMOVAR_ASSIGN(const std::span<const uint32_t> allowed, masks.allowed(*matcher_));
  for (size_t i = 0; i < logits.size(); ++i) {
    const bool is_allowed = ((allowed[i / 32] >> (i % 32)) & 1U) != 0;
    logits[i] = is_allowed ? logits[i] : -std::numeric_limits<float>::infinity();
  }
  return {};
}

std::optional<FinishReason> Slot::next_token(std::span<float> logits,
                                             const tokenizer::Vocabulary& vocabulary,
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
  if (drafter_) drafter_->accept(token);
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

int64_t Slot::shift(model::KvCache& kv) {
  const auto n_tokens = static_cast<int64_t>(n_cached());
  const TokenRange gap = tokens_to_drop(*request_->shift, n_prompt_, n_tokens);
  cached_.erase(cached_.begin() + gap.begin, cached_.begin() + gap.end);
  cached_.push_back(next_);
  request_->prompt.swap(cached_);
  timings_.n_dropped += gap.size();
  pending_ = {};
  release_pages(kv);
  return gap.size();
}

bool Slot::resume(model::KvCache& kv, PrefixTree& tree) {
  if (!take_pages(request_->prompt, request_->tenant, n_positions_, kv, tree)) return false;
  if (drafter_) start_drafter(request_->prompt, n_positions_);
  return true;
}

void Slot::share(PrefixTree& tree) {
  const auto n_pages = static_cast<size_t>(model::pages_for(static_cast<int64_t>(n_cached())));
  tree.insert(request_->tenant, cached_, std::span(pages_).first(n_pages));
  n_in_tree_ = static_cast<int64_t>(n_cached());
}

const Timings& Slot::close_timings(int64_t now_us) {
  if (timings_.n_predicted == 0) timings_.prompt_us = now_us - started_us_;
  return timings_;
}

void Slot::finish(FinishReason reason, Status error, model::KvCache& kv) {
  const std::shared_ptr<EventSink> sink = request_->sink;
  release_pages(kv);
  request_.reset();
  sampler_.reset();
  matcher_.reset();
  drafter_.reset();
  pending_ = {};
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

SlotView Slot::idle_view() const {
  SlotView view = view_;
  view.busy = false;
  view.n_past = static_cast<int64_t>(n_cached());
  view.n_evaluated = timings_.n_prompt;
  view.n_decoded = 0;
  view.n_remaining = -1;
  return view;
}

const SlotView& Slot::update_view() {
  view_.busy = busy();
  if (busy()) view_.n_past = static_cast<int64_t>(n_cached());
  view_.n_evaluated = timings_.n_prompt;
  view_.n_decoded = busy() ? timings_.n_predicted : 0;
  const bool limited = busy() && request_->max_tokens >= 0;
  view_.n_remaining = limited ? request_->max_tokens - timings_.n_predicted : -1;
  return view_;
}

}  // namespace samovar::engine
