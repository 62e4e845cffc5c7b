// The answer of /v1/chat/completions or /v1/completions out of chat.completion.chunk or
// text_completion objects.
//
// Texts of one place are joined, lists of log probabilities too, calls of tools by their index; of
// the rest the last value stands. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/answer_assembly.h"

#include <memory>

namespace samovar::cloud {

std::unique_ptr<AnswerAssembly> openai_assembly();

}  // namespace samovar::cloud
