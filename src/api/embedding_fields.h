// The members of a request for embeddings, in OpenAI's and llama-server's form.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "api/vector_text.h"
#include "tokenizer/tokenizer.h"

#include <cstdint>
#include <vector>

namespace samovar::api {

struct EmbeddingFields {
  std::vector<std::vector<int32_t>> texts;
  bool from_content = false;  // member `content`: the answer has llama-server's form
  VectorForm form;
};

// Member `input`, or `content` instead: one text in any form of a prompt or {"content": parts}, or
// an array of them; `encoding_format`, `dimensions`, `embd_normalize`. Problems are left in
// `fields`; texts that surely have more than `n_ctx` tokens are one.
EmbeddingFields read_embedding_fields(Fields& fields, const tokenizer::Tokenizer& tokenizer,
                                      int64_t d_model, int64_t n_ctx);

// Member `dimensions`: 0 when absent.
int64_t read_dimensions(Fields& fields, int64_t d_model);

}  // namespace samovar::api
