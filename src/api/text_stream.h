// TextStream: the tokens of one answer become the text that may be shown: whole characters, and
// nothing from a stop string on.
//
// Knows nothing of where the text goes. BORROWS the vocabulary. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/stop_matcher.h"
#include "engine/request.h"
#include "tokenizer/stream_decoder.h"

#include <cstdint>
#include <string>

namespace samovar::api {

class TextStream {
 public:
  // With unparse_special, control tokens appear as their texts.
  TextStream(const tokenizer::Vocabulary& vocabulary, StopStrings stops,
             bool unparse_special = false)
      : decoder_(vocabulary, unparse_special), matcher_(std::move(stops)) {}

  // RETURNS what can be shown now; may be empty.
  std::string push(int32_t token);
  // The rest, once the engine said why the answer ended. A cut answer may end inside a character:
  // that is left out rather than shown broken.
  std::string finish(engine::FinishReason reason);
  // A stop string was seen: nothing more will come, and the request may end.
  bool stopped() const { return matcher_.stopped(); }
  const std::string& stopping_word() const { return matcher_.stopping_word(); }

 private:
  tokenizer::StreamDecoder decoder_;
  StopMatcher matcher_;
};

}  // namespace samovar::api
