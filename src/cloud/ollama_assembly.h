// The answer of Ollama's /api/chat or /api/generate out of the lines of its stream.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/answer_assembly.h"

#include <memory>

namespace samovar::cloud {

std::unique_ptr<AnswerAssembly> ollama_assembly();

}  // namespace samovar::cloud
