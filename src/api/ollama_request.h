// The members that Ollama's requests for text have in common.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/constraint_fields.h"
#include "api/fields.h"
#include "api/ollama_options.h"

#include <cstdint>
#include <optional>
#include <string>

namespace samovar::api {

struct OllamaRequest {
  bool stream = true;
  bool truncate = true;                  // a prompt that does not fit is cut
  bool shift = false;                    // a full context drops tokens instead of ending the answer
  std::optional<int64_t> keep_alive_us;  // from now on; nothing: as before
  std::optional<bool> think;             // nothing: as the model likes it
  std::string effort;                    // "low", ...; empty: not said
  sample::ChanceWish chances;
  std::optional<AnswerDocument> document;  // of `format`
  OllamaOptions options;
};

// Member `model`, or `name` as old clients have it; 400 without it.
std::string read_ollama_model(Fields& fields);

// Whether a request says nothing but that its model may go: `keep_alive` 0 and nothing to answer.
bool only_unloads(const json::Value& body);

// Everything but model, prompt and messages. Problems are left in `fields`.
OllamaRequest read_ollama_request(Fields& fields, const GenerationDefaults& defaults,
                                  const tokenizer::Tokenizer& tokenizer, int64_t n_slot_ctx);

}  // namespace samovar::api
