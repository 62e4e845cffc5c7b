// ArchTraits: what an architecture's name fixes before any key of a file is read.
//
// The only place that knows architectures by name. A new one with a known data flow is one row in
// arch.cpp; what its keys say differently is a refine function in a file of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/file.h"
#include "model/config.h"

#include <string>
#include <string_view>

namespace samovar::model {

struct ArchTraits {
  std::string_view name;  // general.architecture
  NormKind norm = NormKind::kRms;
  Activation activation = Activation::kSilu;
  RopeKind rope = RopeKind::kNorm;
  bool gated_ffn = true;
  bool parallel_residual = false;
  bool post_norms = false;
  bool qk_norm = false;
  bool scales_embedding = false;  // by sqrt(d_model)
  bool may_tie_output = true;     // an absent output matrix is the token embedding
  // Reads the keys that only this architecture has; null: there are none.
  Status (*refine)(const gguf::File& file, ModelConfig& config) = nullptr;
};

const ArchTraits* find_arch(std::string_view name);  // null if samovar does not run it
std::string arch_names();                            // "llama, qwen2, ...", for messages

// Sliding windows on five layers of six, with a rope of their own (arch/gemma3.cpp).
Status refine_gemma3(const gguf::File& file, ModelConfig& config);

}  // namespace samovar::model
