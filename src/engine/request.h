// Request and Event: what goes into the engine thread and what comes back.
//
// Plain tokens: no text, no JSON. Text belongs to the layers above.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "engine/context_shift.h"
#include "engine/slot_view.h"
#include "engine/thought_watch.h"
#include "grammar/grammar.h"
#include "model/config.h"
#include "sample/chances.h"
#include "sample/params.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace samovar::engine {

enum class FinishReason : uint8_t {
  kEndOfGeneration,  // the model ended its answer
  kLength,           // max_tokens reached
  kContextFull,      // no position left in the slot
  kStopSign,         // whoever asked had enough, or went away
  kError,            // Event::error says why
};

enum class StopSign : uint8_t {
  kNone,
  kEnough,  // the answer is complete for whoever asked: a stop string was seen
  kGone,    // whoever asked went away
};

// Tokens per second; 0 where no time was measured.
constexpr double per_second(int64_t n_tokens, int64_t us) {
  return us > 0 ? static_cast<double>(n_tokens) * 1e6 / static_cast<double>(us) : 0.0;
}

// Of one request; times in microseconds.
struct Timings {
  int64_t queue_us = 0;
  int64_t n_cached = 0;  // prompt tokens whose KV was still there
  int64_t n_prompt = 0;  // prompt tokens evaluated
  int64_t prompt_us = 0;
  int64_t n_predicted = 0;   // answer tokens
  int64_t predicted_us = 0;  // from the first token on
  int64_t n_drafts = 0;      // runs of guessed tokens
  int64_t n_drafted = 0;     // guessed tokens that were checked
  int64_t n_draft_held = 0;  // and were right
  int64_t n_dropped = 0;     // tokens that left a full context; 0: it never shifted
  int64_t n_recomputed = 0;  // tokens evaluated again, behind those or after a pause

  // Steps of the answer. Its first token is free: the prompt's last row gives it.
  constexpr int64_t n_answer_steps() const { return n_predicted > 0 ? n_predicted - 1 : 0; }
  constexpr double prompt_per_second() const { return per_second(n_prompt, prompt_us); }
  constexpr double predicted_per_second() const {
    return per_second(n_answer_steps(), predicted_us);
  }
};

struct Event {
  enum class Kind : uint8_t { kPrompt, kPromptToken, kToken, kDone };
  Kind kind = Kind::kToken;
  int32_t slot = -1;                                     // -1: ended in the queue
  int32_t token = -1;                                    // kToken, kPromptToken
  std::shared_ptr<const sample::TokenChances> chances;   // of that token, when wished
  FinishReason reason = FinishReason::kEndOfGeneration;  // kDone
  Status error;                                          // kDone with kError
  // kDone of an embedding: [d_model], or [tokens, d_model] with Pooling::kNone.
  std::shared_ptr<const std::vector<float>> embedding;
  Timings timings;  // so far
};

// Where events go. Called on the engine thread, in order, the last one being kDone: hand over and
// return at once. A sink that lacks the memory for a token throws std::bad_alloc: the request then
// ends with kDone. A sink that lacks it even for kDone is let go: its destructor is its last word.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const Event& event) = 0;
};

struct Request {
  // At least one token, fewer than the slot's context; an embedding's may fill it.
  std::vector<int32_t> prompt;
  sample::Params sampling;
  int64_t max_tokens = -1;  // of the answer; -1: to the end of the context; 0: prompt only
  int64_t n_ctx = 0;        // positions it may use at most; 0: the slot's
  // What makes room in a full context. None: it ends the answer.
  std::optional<ContextShift> shift;
  bool ignore_end = false;  // end-of-generation tokens are answered like others, unless a grammar
                            // gave them their chance
  // An embedding is asked for: the prompt's final states in this form, and no answer. Members about
  // answers are passed over.
  std::optional<model::Pooling> pooling;
  bool progress = false;  // a kPrompt event after each step of the prompt
  sample::ChanceWish chances;
  // A kPromptToken event for each token of the prompt but the first, with the model's chances of it
  // behind those before it. All of the prompt is computed.
  bool prompt_chances = false;
  std::shared_ptr<const RequestNote> note;  // may be null
  int64_t id = -1;                          // given by submit()
  // Who asks: tenants share the machine fairly, and never a cached prefix.
  uint64_t tenant = 0;
  int64_t deadline_us = 0;  // monotonic; still in the queue then: kBusy; 0: none
  // It goes on with what one that has just ended began: a full queue is no reason to refuse it.
  bool takes_over = false;
  // Stats::predicted_tokens and predicted_us are counted by whoever asked, with
  // Engine::count_answer(): who looks for stop strings hears of one some tokens too late.
  bool counted_by_asker = false;
  bool speculate = true;  // drafts from the request's own text; the answer is the same
  // What the answer keeps to; ends it where nothing more may follow. None: free.
  std::optional<grammar::Grammar> grammar;
  // Of an answer that must not think for too long; BORROWS the model's vocabulary. None: it may.
  std::optional<ThoughtWatch> thought;
  std::shared_ptr<EventSink> sink;
  // Set by anybody to end the request within one step.
  std::shared_ptr<std::atomic<StopSign>> stop_sign =
      std::make_shared<std::atomic<StopSign>>(StopSign::kNone);
};

}  // namespace samovar::engine
