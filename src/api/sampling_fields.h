// The sampling and length members that all generation requests share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "engine/loaded_model.h"
#include "sample/params.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::api {

// What a request leaves open is taken from here (server flags).
struct GenerationDefaults {
  sample::Params sampling;
  int64_t max_tokens = -1;  // -1: to the end of the context; also caps what requests ask for
  std::vector<std::string> stop;
};

struct GenerationFields {
  sample::Params sampling;
  int64_t max_tokens = -1;
  bool ignore_end = false;
  bool stream = false;
  bool include_usage = false;
  std::vector<std::string> stop;
};

// Reads temperature, top_p, top_k, min_p, typical_p, penalties, logit_bias, seed, stop, max_tokens
// (and its other names), stream, ignore_eos; refuses what is not built (n > 1, logprobs). Problems
// are left in `fields`. Without a seed one is drawn from the system.
GenerationFields read_generation_fields(Fields& fields, const GenerationDefaults& defaults,
                                        const tokenizer::Tokenizer& tokenizer);

}  // namespace samovar::api
