#include "engine/plan_facts.h"

namespace samovar::engine {

plan::ModelFacts plan_facts(std::string name, const gguf::File& file,
                            const model::ModelConfig& config, uint64_t hot_bytes,
                            const Options& options) {
  return {
      .name = std::move(name),
      .weights_bytes = file.size_bytes(),
      .hot_bytes = hot_bytes,
      .kv_bytes_per_token = model::kv_bytes_per_token(config, options.kv_type),
      .windowed_kv_bytes_per_token = model::windowed_kv_bytes_per_token(config, options.kv_type),
      .windowed_tokens = Engine::windowed_pages(config, options) * model::kPageTokens,
      .workspace_bytes = model::Workspace::size_bytes(config, Engine::workspace_options(options)),
      .n_vocab = config.n_vocab,
      .n_ctx_train = config.n_ctx_train};
}

}  // namespace samovar::engine
