// plan_facts(): what a plan needs to know of a model, from its file's header.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/engine.h"
#include "gguf/file.h"
#include "model/config.h"
#include "plan/plan.h"

#include <string>

namespace samovar::engine {

// Of an engine with `options`, whose context and cache the plan decides. `hot_bytes` as
// model::bytes_per_token() has them. No tensor's data is read.
plan::ModelFacts plan_facts(std::string name, const gguf::File& file,
                            const model::ModelConfig& config, uint64_t hot_bytes,
                            const Options& options);

}  // namespace samovar::engine
