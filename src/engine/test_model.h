// A tiny random model with a vocabulary, on disk for as long as it is used. For tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/loaded_model.h"

#include <memory>
#include <string>

namespace samovar::engine {

// 272 tokens (the 256 byte tokens of GPT-2 first), with tokens for filling in if wanted. REQUIRES:
// a variant of model::tiny_model() that is named as its architecture; it can be written and loaded.
std::shared_ptr<const LoadedModel> test_model(const std::string& variant = "llama",
                                              bool fills_in = false);

// The same model as a file in a folder of its own, which the caller removes. RETURNS its path.
std::string write_test_model(const std::string& variant = "llama", bool fills_in = false);

}  // namespace samovar::engine
