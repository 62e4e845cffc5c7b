// llama-server's own answers: /completion, /completions and /infill.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/answer_shape.h"
#include "json/json_fwd.h"
#include "tokenizer/vocabulary.h"

#include <memory>
#include <string>
#include <vector>

namespace samovar::api {

struct NativeShapeOptions {
  std::string model;
  int64_t n = 1;                     // choices of each prompt
  std::vector<std::string> prompts;  // as text, control tokens included
  std::string settings;              // JSON: `generation_settings`
  bool return_tokens = false;
  bool timings_per_token = false;
  sample::ChanceKind chances = sample::ChanceKind::kNone;
  const tokenizer::Vocabulary* vocabulary = nullptr;  // BORROWED
  std::vector<std::string> response_fields;           // of final objects; empty: all
};

std::unique_ptr<AnswerShape> native_shape(NativeShapeOptions options);

}  // namespace samovar::api
