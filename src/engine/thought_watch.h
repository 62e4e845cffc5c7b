// ThoughtWatch: follows the thought that an answer may begin with, and ends it when it has had the
// tokens it may have.
//
// A thought that stops in the middle is closed as the model would close it: with the tokens of
// ThoughtLimit::ending, one after the other, each in place of what would have been drawn. The
// answer goes on behind them. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/stream_decoder.h"
#include "tokenizer/vocabulary.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace samovar::engine {

struct ThoughtLimit {
  std::string open, close;      // the tags around a thought; not empty
  bool begun = false;           // the prompt has written the opening one
  int64_t max_tokens = 0;       // of the thought, tags and ending not counted
  std::vector<int32_t> ending;  // what ends it: the closing tag, and what is to stand before that
};

class ThoughtWatch {
 public:
  // BORROWS the vocabulary.
  ThoughtWatch(ThoughtLimit limit, const tokenizer::Vocabulary& vocabulary);

  // The only token that may come next; nothing: any.
  std::optional<int32_t> forced() const;
  // A token of the answer.
  void accept(int32_t token);

 private:
  enum class State : uint8_t { kBefore, kInside, kEnding, kOver };
  void look_for_opening();
  void count();

  ThoughtLimit limit_;
  tokenizer::StreamDecoder decoder_;
  State state_;
  std::string held_;      // text that a tag may be found in
  int64_t n_tokens_ = 0;  // of the thought
  size_t n_ended_ = 0;    // tokens of limit_.ending that have come
};

}  // namespace samovar::engine
