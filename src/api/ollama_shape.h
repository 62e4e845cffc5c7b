// Ollama's answers: /api/generate and /api/chat.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/answer_shape.h"
#include "base/clock.h"
#include "json/json_fwd.h"
#include "tokenizer/vocabulary.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

enum class OllamaRoute : uint8_t { kGenerate, kChat };

struct OllamaShapeOptions {
  OllamaRoute route = OllamaRoute::kGenerate;
  std::string model;             // as the request spelled it
  const Clock* clock = nullptr;  // BORROWED
  // Monotonic: when the request came, and when its model was there.
  int64_t arrived_us = 0, loaded_us = 0;
  std::optional<std::vector<int32_t>> context;  // the prompt; nothing: no `context` in the answer
  sample::ChanceKind chances = sample::ChanceKind::kNone;
  const tokenizer::Vocabulary* vocabulary = nullptr;  // BORROWED
};

std::unique_ptr<AnswerShape> ollama_shape(OllamaShapeOptions options);

// The answer to a request without a prompt: `reason` is "load" or "unload".
json::Value ollama_load_answer(OllamaRoute route, std::string_view model, std::string_view reason,
                               const Clock& clock);

}  // namespace samovar::api
