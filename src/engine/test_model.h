// A tiny random model with a vocabulary, on disk for as long as it is used. For tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/loaded_model.h"

#include <memory>

namespace samovar::engine {

// llama-shaped, 272 tokens (the 256 byte tokens of GPT-2 first), with tokens for filling in if
// wanted. REQUIRES: it can be written and loaded.
std::shared_ptr<const LoadedModel> test_model(bool fills_in = false);

}  // namespace samovar::engine
