// Answers to requests for embeddings, in the form of each API.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/vector_text.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

// What the engine made of one text: a vector, or one for each token.
struct EmbeddedText {
  std::shared_ptr<const std::vector<float>> values;  // [n_rows, d_model]
  int64_t n_tokens = 0;
};

std::string openai_embeddings(std::span<const EmbeddedText> texts, const VectorForm& form,
                              std::string_view model);
// llama-server's: rows of `d_model` numbers each, always as numbers.
std::string native_embeddings(std::span<const EmbeddedText> texts, const VectorForm& form,
                              int64_t d_model);

struct OllamaEmbedHead {
  std::string model;  // as the request spelled it
  int64_t total_us = 0, load_us = 0;
};
std::string ollama_embeddings(std::span<const EmbeddedText> texts, const VectorForm& form,
                              const OllamaEmbedHead& head);
// Of /api/embeddings: one vector, not normalised. `texts` holds one text, or none: an empty vector.
std::string ollama_embedding(std::span<const EmbeddedText> texts);

}  // namespace samovar::api
