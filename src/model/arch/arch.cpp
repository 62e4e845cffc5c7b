#include "model/arch/arch.h"

namespace samovar::model {
namespace {

// Sources: llama.cpp src/models/NAME.cpp, llama-model.cpp:llama_model_rope_type.
constexpr ArchTraits kArchs[] = {
    {.name = "llama"},  // also Mistral, SmolLM2, saiga: converters write them as llama
    {.name = "qwen2", .rope = RopeKind::kNeox},
    {.name = "phi2",
     .norm = NormKind::kLayer,
     .activation = Activation::kGelu,
     .rope = RopeKind::kNeox,
     .gated_ffn = false,
     .parallel_residual = true,
     .may_tie_output = false},
    {.name = "gemma",
     .activation = Activation::kGelu,
     .rope = RopeKind::kNeox,
     .scales_embedding = true},
    {.name = "gemma3",
     .activation = Activation::kGelu,
     .rope = RopeKind::kNeox,
     .post_norms = true,
     .qk_norm = true,
     .scales_embedding = true,
     .refine = refine_gemma3},
};

}  // namespace

const ArchTraits* find_arch(std::string_view name) {
  for (const ArchTraits& arch : kArchs) {
    if (arch.name == name) return &arch;
  }
  return nullptr;
}

std::string arch_names() {
  std::string names;
  for (const ArchTraits& arch : kArchs) {
    if (!names.empty()) names += ", ";
    names += arch.name;
  }
  return names;
}

}  // namespace samovar::model
