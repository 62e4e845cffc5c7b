// The prompt for filling in between two texts, with the model's own tokens for that.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "tokenizer/tokenizer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::api {

struct InfillChunk {
  std::string filename;  // may be empty
  std::string text;
};

struct InfillParts {
  std::string prefix, suffix;
  std::string prompt;               // the line that is being written: goes on behind the prefix
  std::vector<InfillChunk> extras;  // other texts of the project, oldest first
  bool suffix_first = false;        // for models that want it so
  // Tokens: of the whole prompt, and that the answer needs beside it (-1: not known).
  int64_t n_ctx = 0, n_predict = -1;
};

bool can_infill(const tokenizer::Vocabulary& vocabulary);

// Layout: extras, then [PRE] prefix prompt [SUF] suffix [MID]. The end of the prefix, the beginning
// of the suffix and the newest extras are kept where not all fits. REQUIRES: can_infill().
std::vector<int32_t> infill_prompt(const InfillParts& parts, const tokenizer::Tokenizer& tokenizer);

}  // namespace samovar::api
