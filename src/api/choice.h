// Choice: one engine request of an answer on its way back: its tokens become text, and the end of
// that text becomes an Outcome.
//
// Knows nothing of JSON, HTTP or the engine's threads. BORROWS the vocabulary. Thread: one at a
// time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/answer_shape.h"
#include "api/text_stream.h"
#include "engine/request.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace samovar::api {

struct ChoiceOptions {
  StopStrings stop;
  bool keep_tokens = false;    // for take_shown()
  bool keep_ids = false;       // for Outcome::ids
  int64_t max_predict_us = 0;  // an answer of several lines ends after this time; <= 0: no limit
};

class Choice {
 public:
  Choice(int64_t index, const tokenizer::Vocabulary& vocabulary, const ChoiceOptions& options);

  // A token of the answer; RETURNS the text that can leave now.
  std::string push(const engine::Event& event);
  // The end: RETURNS the rest of the text.
  std::string finish(engine::FinishReason reason);
  // Nothing more will be shown: a stop string was seen, or the time is up.
  bool complete() const { return stream_.stopped() || out_of_time_; }

  // The tokens whose text has left and that were not taken yet.
  std::vector<ShownToken> take_shown();
  // Characters that left before the last push() or finish().
  int64_t text_begin() const { return text_begin_; }
  // Text that is shown before the answer's own.
  void prepend(std::string_view text);

  // What whoever asked has had: the engine hears of a stop string some tokens later, as chance has
  // it, and nobody asked for those.
  const engine::Timings& counted(const engine::Event& done) const {
    return when_complete_ ? *when_complete_ : done.timings;
  }
  // Counts and end, without text and tokens. REQUIRES: finish() was called.
  Outcome outcome(const engine::Event& done) const;
  int64_t index() const { return index_; }

 private:
  struct Pending {
    ShownToken token;
    size_t begin, end;  // B of the answer's tokens
  };
  std::string leave(std::string text);
  void count_bytes(std::string_view text);

  int64_t index_;
  const tokenizer::Vocabulary& vocabulary_;
  int64_t max_predict_us_;
  bool keep_tokens_;
  bool keep_ids_;
  TextStream stream_;
  std::deque<Pending> pending_;
  std::vector<int32_t> ids_;  // of all tokens so far
  std::string held_;          // bytes of tokens whose text has not left
  size_t n_left_ = 0;         // bytes of tokens whose text has left
  int64_t text_begin_ = 0, text_end_ = 0;
  bool has_new_line_ = false;
  bool out_of_time_ = false;
  std::optional<engine::Timings> when_complete_;
  bool ended_ = false;
  engine::FinishReason reason_ = engine::FinishReason::kEndOfGeneration;
};

}  // namespace samovar::api
