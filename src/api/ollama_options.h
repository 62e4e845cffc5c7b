// The member `options` of Ollama's requests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "api/generation_fields.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::api {

struct OllamaOptions {
  sample::Params sampling;
  std::vector<std::string> stop;
  int64_t max_tokens = -1;
  int64_t n_ctx = 0;   // tokens of prompt and answer; at most those of a slot
  int64_t n_keep = 4;  // first tokens of a prompt that stay when it is cut
};

// Types are checked as Ollama checks them; unknown names are passed over. `n_slot_ctx`: tokens of a
// slot. Problems are left in `fields`.
OllamaOptions read_ollama_options(Fields& fields, const GenerationDefaults& defaults,
                                  const tokenizer::Tokenizer& tokenizer, int64_t n_slot_ctx);

}  // namespace samovar::api
