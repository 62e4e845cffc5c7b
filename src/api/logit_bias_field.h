// logit_bias: tokens that are made likelier, unlikelier, or are banned.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "engine/loaded_model.h"
#include "sample/params.h"

namespace samovar::api {

// Adds the request's biases to those of `params`: {"token id or text": bias} or [[id or text,
// bias], ...]; false bans. Entries that mean no token are skipped, as clients expect of this field.
void read_logit_bias(Fields& fields, const tokenizer::Tokenizer& tokenizer, sample::Params& params);
// Bans every token that ends an answer.
void ban_end_of_generation(const tokenizer::Vocabulary& vocabulary, sample::Params& params);

}  // namespace samovar::api
