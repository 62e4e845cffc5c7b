// OpenAI's answers: chat completions and text completions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/answer_shape.h"
#include "chat/tool_format.h"
#include "tokenizer/vocabulary.h"

#include <memory>

namespace samovar::api {

struct OpenAiShapeOptions {
  int64_t n = 1;               // choices of each prompt
  bool include_usage = false;  // one more event of a stream
  bool timings_per_token = false;
  sample::ChanceKind chances = sample::ChanceKind::kNone;
  const tokenizer::Vocabulary* vocabulary = nullptr;  // BORROWED
  chat::ThoughtTags tags_in_text;  // thoughts stand in a whole answer's text too; empty: not
  // Puts llama-server's form of the answer beside ours as `__verbose`; null: not.
  std::shared_ptr<const AnswerShape> verbose;
};

std::unique_ptr<AnswerShape> chat_shape(AnswerHead head, OpenAiShapeOptions options);
std::unique_ptr<AnswerShape> completion_shape(AnswerHead head, OpenAiShapeOptions options);

}  // namespace samovar::api
