// The pages of a slot: taken, shared with the tree, given back for a while.
#include "base/check.h"
#include "engine/slot.h"

#include <algorithm>

namespace samovar::engine {
namespace {

// Where something of every token is wanted, all are computed.
bool may_reuse(const Request& request) {
  if (request.pooling) return request.pooling == model::Pooling::kLast;
  return !request.prompt_chances;
}

}  // namespace

// Makes what the tree holds the slot's, and room for n_wanted pages in all. False, and nothing
// taken, without that room.
bool Slot::adopt(const PrefixTree::Match& match, size_t n_wanted, model::KvCache& kv,
                 PrefixTree& tree) {
  windowed_.assign(kv.window() > 0 ? n_wanted : 0, model::kNoPage);
  for (size_t i = 0; i < match.pages.size(); ++i) {
    kv.retain(match.pages[i]);
    pages_.push_back(match.pages[i]);
    if (match.windowed[i] == model::kNoPage) continue;
    kv.retain(match.windowed[i]);
    windowed_[i] = match.windowed[i];
  }
  const bool has_tail = match.n_tail > 0;
  const bool has_window = has_tail && kv.window() > 0;
  if (has_tail) kv.retain(match.tail);  // while room is made for its copy
  if (has_window) kv.retain(match.windowed_tail);
  const bool fits = tree.make_room(static_cast<int64_t>(n_wanted - pages_.size()));
  if (fits && has_window) {
    SAMOVAR_CHECK(tree.make_windowed_room());
    windowed_[pages_.size()] = *kv.copy(match.windowed_tail, match.n_tail);
  }
  if (fits && has_tail) pages_.push_back(*kv.copy(match.tail, match.n_tail));
  if (has_tail) kv.release(match.tail);
  if (has_window) kv.release(match.windowed_tail);
  if (!fits) release_pages(kv);
  return fits;
}

// Takes the pages that the tree holds of the prompt and free ones for the rest. False, and none
// taken, when there are too few.
bool Slot::take_pages(const Request& request, int64_t n_positions, model::KvCache& kv,
                      PrefixTree& tree) {
  const std::span<const int32_t> prompt(request.prompt);
  const auto n_tokens = static_cast<int64_t>(prompt.size());
  const auto n_wanted =
      static_cast<size_t>(model::pages_for(std::min(n_positions, n_tokens + kAhead)));
  const auto n_most = static_cast<size_t>(model::pages_for(n_positions));
  pages_.reserve(n_most);
  windowed_.reserve(kv.window() > 0 ? n_most : 0);
  cached_.reserve(static_cast<size_t>(n_positions));
  // The last prompt token is always computed: its logits give the first answer token.
  PrefixTree::Match match;
  if (may_reuse(request)) match = tree.find(request.tenant, prompt.first(prompt.size() - 1));
  const int64_t n_known = match.n_known;
  if (!adopt(match, n_wanted, kv, tree)) {
    if (match.n_tail == 0) return false;
    // There may be room without a tail that stays beside its copy.
    match = tree.find(request.tenant,
                      prompt.first(static_cast<size_t>(match.n_tokens() - match.n_tail)));
    if (!adopt(match, n_wanted, kv, tree)) return false;
  }
  while (pages_.size() < n_wanted) pages_.push_back(*kv.allocate());
  n_in_tree_ = match.n_tokens();
  cached_.assign(prompt.begin(), prompt.begin() + n_in_tree_);
  share_at_ = n_known > n_in_tree_ ? static_cast<size_t>(n_known) : 0;
  return true;
}

void Slot::release_pages(model::KvCache& kv) {
  for (const model::PageId page : pages_) kv.release(page);
  pages_.clear();
  for (const model::PageId page : windowed_) {
    if (page != model::kNoPage) kv.release(page);
  }
  windowed_.clear();
  cached_.clear();
  n_in_tree_ = 0;
}

bool Slot::grow(int64_t n_rows, model::KvCache& kv, PrefixTree& tree) {
  const auto n_now = static_cast<int64_t>(n_cached());
  const auto n_wanted =
      static_cast<size_t>(model::pages_for(std::min(n_now + n_rows, n_positions_)));
  while (pages_.size() < n_wanted && tree.make_room(1)) {
    pages_.push_back(*kv.allocate());
    if (kv.window() > 0) windowed_.push_back(model::kNoPage);
  }
  return static_cast<int64_t>(pages_.size()) * model::kPageTokens > n_now;
}

// Layers with a window: pages for the rows to come, none of those that nobody looks back at. The
// cache has as many as all slots may need at once, so that one can always be had. A draft that does
// not hold is written over: the window moves with the tokens that stay.
void Slot::slide_window(int64_t n_rows, model::KvCache& kv, PrefixTree& tree) {
  if (windowed_.empty()) return;
  const auto at = static_cast<int64_t>(n_cached());
  const int64_t first_kept = std::max<int64_t>(0, at + 1 - kv.window() - kLookBack);
  for (auto i = static_cast<size_t>(first_kept / model::kPageTokens); i-- > 0;) {
    if (windowed_[i] == model::kNoPage) break;
    kv.release(windowed_[i]);
    windowed_[i] = model::kNoPage;
  }
  for (int64_t i = at / model::kPageTokens; i < model::pages_for(at + n_rows); ++i) {
    model::PageId& page = windowed_[static_cast<size_t>(i)];
    if (page != model::kNoPage) continue;
    SAMOVAR_CHECK(tree.make_windowed_room());
    page = *kv.allocate(model::PagePool::kWindowed);
  }
}

int64_t Slot::shift(model::KvCache& kv) {
  const auto n_tokens = static_cast<int64_t>(n_cached());
  const TokenRange gap = tokens_to_drop(*request_->shift, n_prompt_, n_tokens);
  cached_.erase(cached_.begin() + gap.begin, cached_.begin() + gap.end);
  timings_.n_dropped += gap.size();
  answer_becomes_prompt();
  release_pages(kv);
  return gap.size();
}

void Slot::pause(model::KvCache& kv) {
  if (in_answer()) {
    answer_becomes_prompt();
  } else {
    n_read_ = std::max(n_read_, static_cast<int64_t>(n_cached()));
  }
  release_pages(kv);
}

void Slot::answer_becomes_prompt() {
  cached_.push_back(next_);
  request_->prompt.swap(cached_);
  request_->prompt_chances = false;  // told when it was read first
  pending_ = {};
}

bool Slot::resume(model::KvCache& kv, PrefixTree& tree) {
  if (!take_pages(*request_, n_positions_, kv, tree)) return false;
  if (timings_.n_predicted == 0) {  // others may have read more of the prompt meanwhile
    timings_.n_cached += std::max<int64_t>(0, n_in_tree_ - n_read_);
  }
  if (drafter_) start_drafter(request_->prompt, n_positions_);
  return true;
}

}  // namespace samovar::engine
