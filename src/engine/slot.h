// Slot: one running sequence: the request it works on, its pages and its tokens.
//
// Rows go into a step's batch: a chunk of the prompt, or the last drawn token and a draft of what
// may follow. Pages come from the prefix tree where it holds the prompt's beginning; what the slot
// computed is told to the tree when the prompt is done and again at the end; of an embedding it is
// not: texts that are indexed would push out the chats. Thread: the engine thread only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/ngram_drafter.h"
#include "engine/pooler.h"
#include "engine/prefix_tree.h"
#include "engine/request.h"
#include "grammar/token_masks.h"
#include "model/batch.h"
#include "model/kv_cache.h"
#include "model/model.h"
#include "sample/sampler.h"
#include "tokenizer/vocabulary.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace samovar::engine {

class Slot {
 public:
  static constexpr int64_t kMaxDraft = 8;  // tokens

  void set_index(int32_t index) { index_ = index; }
  int32_t index() const { return index_; }
  bool busy() const { return request_.has_value(); }
  // Has given its pages back and waits for others to go on with.
  bool waits() const { return busy() && pages_.empty(); }
  // Reads a prompt: the request's, or what stayed of a full context.
  bool in_prompt() const { return busy() && !waits() && n_cached() < request_->prompt.size(); }
  bool in_answer() const { return busy() && !waits() && !in_prompt(); }
  bool counted_by_asker() const { return busy() && request_->counted_by_asker; }
  // kNone when idle.
  StopSign stop_sign() const {
    return busy() ? request_->stop_sign->load(std::memory_order_relaxed) : StopSign::kNone;
  }
  int64_t started_us() const { return started_us_; }
  uint64_t tenant() const { return busy() ? request_->tenant : 0; }
  // Positions whose KV is in the slot's pages, and those among them that the tree does not hold.
  size_t n_cached() const { return cached_.size(); }
  int64_t n_private() const { return static_cast<int64_t>(cached_.size()) - n_in_tree_; }

  // Positions of an answer that pages are there for when it starts.
  static constexpr int64_t kAhead = 4 * model::kPageTokens;
  // Takes the request, which may use `n_positions` in all, with the beginning that the tree holds
  // and pages for the prompt and kAhead more. False when the cache can't have enough free pages:
  // the request is left alone, the slot stays idle; so after std::bad_alloc. All memory but that of
  // sampling is taken here.
  bool start(Request& request, int64_t n_positions, model::KvCache& kv, PrefixTree& tree,
             int64_t now_us, int64_t queued_us);
  // Takes pages for up to `n_rows` more rows of the answer, as far as there are free ones. False:
  // not for a single one. REQUIRES: in_answer().
  bool grow(int64_t n_rows, model::KvCache& kv, PrefixTree& tree);
  // Whether pause() would cost no more than computing tokens again: nothing was told of them.
  bool may_pause() const {
    return busy() && !waits() && !embeds() && !(in_prompt() && wants_prompt_logits());
  }
  // Gives all pages back; what was computed is read again after resume(). REQUIRES: may_pause().
  void pause(model::KvCache& kv);
  // Adds up to `budget` rows of this slot to the batch, at most `max_draft` of them a draft;
  // RETURNS how many. The row that ends the prompt, and all of an answer, want logits; those of an
  // embedding want the states that its pooling takes.
  int64_t add_rows(model::Batch& batch, int64_t budget, int64_t max_draft, model::KvCache& kv,
                   PrefixTree& tree);
  // Positions behind the first one that a row looks back at whose windows are kept, so that a
  // prompt that leaves the text a little earlier finds them. Makes a page of room for that.
  static constexpr int64_t kLookBack = model::kPageTokens;
  // Pages for layers with a window of `window` that one slot holds at most.
  static int64_t max_windowed_pages(int64_t window, int64_t max_batch_rows) {
    return model::pages_for(window + kLookBack + max_batch_rows) + 1;
  }
  // What the slot has computed should be told to the tree now: a prompt, or a beginning that others
  // left too and whose window the tree has not.
  bool has_to_share() const {
    return busy() && (n_cached() == request_->prompt.size() || n_cached() == share_at_);
  }
  // The rows of the last add_rows() were computed. RETURNS how many rows of logits they gave.
  int64_t rows_done();
  // Tells the chances of the prompt's tokens that the rows just computed give, to whom they were
  // promised; the rows of logits begin at number `first` of the workspace.
  void tell_prompt_chances(const model::Workspace& workspace, int64_t first);
  bool wants_prompt_logits() const { return busy() && request_->prompt_chances; }
  // Of an embedding, behind rows_done(): takes the states that its rows wanted, the first of which
  // is number `first` of the workspace.
  void pool_states(const model::Workspace& workspace, int64_t first);
  bool embeds() const { return pooler_.has_value(); }
  int64_t n_states() const { return n_states_; }  // that the last add_rows() wanted
  // A bit for each token that the request's grammar allows next, inside `masks` until it is asked
  // again. Empty: all are allowed, without one or where the end of a thought is due, which no
  // grammar knows of. Errors as TokenMasks::allowed() gives them.
  Result<std::span<const uint32_t>> allowed_tokens(grammar::TokenMasks& masks) const;
  bool has_grammar() const { return matcher_.has_value(); }
  // Draws the next token from `logits`, of the `allowed` ones, and reports it. RETURNS the reason
  // when the answer is complete.
  std::optional<FinishReason> next_token(std::span<float> logits, std::span<const uint32_t> allowed,
                                         const tokenizer::Vocabulary& vocabulary,
                                         const std::vector<bool>& is_end, int64_t now_us);
  // True when the token just drawn is the one drafted: the next row of logits belongs to it.
  bool draft_holds();
  bool may_shift() const { return busy() && request_->shift.has_value(); }
  // Drops tokens of the full context and pauses. RETURNS how many were dropped. REQUIRES:
  // may_shift() and a full context.
  int64_t shift(model::KvCache& kv);
  // Takes pages as start() does. False when the cache can't have enough free ones now.
  bool resume(model::KvCache& kv, PrefixTree& tree);
  // Tells the tree what the slot has, unless it embeds. REQUIRES: busy().
  void share(PrefixTree& tree);
  // The request's timings, its clocks stopped at `now_us`. REQUIRES: busy().
  const Timings& close_timings(int64_t now_us);
  // Forgets the request, gives all pages back and sends kDone. REQUIRES: close_timings() was
  // called.
  void finish(FinishReason reason, Status error, model::KvCache& kv);
  // Tells a request that wants it how far its prompt is.
  void report_progress(int64_t now_us);
  // Of the current request, or of the last one.
  const SlotView& update_view();
  // As it will be once the request has ended.
  SlotView idle_view() const;

 private:
  // The token that ends a thought whose time is up.
  std::optional<int32_t> forced_token() const;
  void count_read(int64_t n_tokens);
  void answer_becomes_prompt();
  void start_drafter(std::span<const int32_t> text, int64_t n_positions);
  std::span<const int32_t> next_and_draft(int64_t max_draft);
  bool adopt(const PrefixTree::Match& match, size_t n_wanted, model::KvCache& kv, PrefixTree& tree);
  bool take_pages(const Request& request, int64_t n_positions, model::KvCache& kv,
                  PrefixTree& tree);
  void take_answer_memory(const Request& request, int64_t n_positions);
  void release_pages(model::KvCache& kv);
  void slide_window(int64_t n_rows, model::KvCache& kv, PrefixTree& tree);

  int32_t index_ = 0;
  SlotView view_;
  model::PageTable pages_;
  model::PageTable windowed_;    // as long as pages_, where the cache has such a pool
  size_t share_at_ = 0;          // tokens; 0: nowhere
  std::vector<int32_t> cached_;  // tokens of positions 0.. in the pages
  int64_t n_positions_ = 0;      // that it may use
  int64_t n_in_tree_ = 0;        // leading tokens that the tree holds too

  // Of the current request; its prompt has the answer so far in it, once that was paused.
  std::optional<Request> request_;
  int64_t n_prompt_ = 0;  // tokens it came with
  int64_t n_read_ = 0;    // of them, before a pause
  std::optional<sample::Sampler> sampler_;
  std::optional<NgramDrafter> drafter_;
  std::optional<grammar::Matcher> matcher_;  // how far the answer is in the request's grammar
  std::optional<Pooler> pooler_;             // of an embedding
  int64_t n_states_ = 0;
  int32_t next_ = -1;  // drawn, not yet in the cache
  // Tokens in flight whose rows are not used up: a part of the prompt, or of answer_rows_.
  std::span<const int32_t> pending_;
  std::array<int32_t, 1 + kMaxDraft> answer_rows_ = {};
  int64_t started_us_ = 0;
  int64_t first_token_us_ = 0;
  Timings timings_;
};

}  // namespace samovar::engine
