// The series that Kubernetes' inference gateways and vLLM's boards read.
#include "api/server_metrics.h"
#include "model/kv_cache.h"

#include <string>
#include <utility>
#include <vector>

namespace samovar::api {
namespace {

using metrics::Kind;

double n_prompt_tokens(const ModelFigures& model) {
  return value(model.stats.prompt_tokens) + value(model.stats.prompt_tokens_cached);
}

// Pages that only wait to be found again are free to whoever asks for a place.
double used_share(const ModelFigures& model) {
  if (model.n_cache_tokens == 0) return 0;
  return value(model.stats.kv_active_tokens) / static_cast<double>(model.n_cache_tokens);
}

}  // namespace

void add_vllm_metrics(const std::list<ModelFigures>& models, const ModelFigures& all,
                      int64_t now_unix_s, metrics::Families& out) {
  const auto add = [&](Kind kind, const char* name, const char* help, const auto& read) {
    std::vector<metrics::Sample> samples;
    for (const ModelFigures& model : models) {
      samples.push_back({{{"model_name", model.id}}, read(model)});
    }
    out.add(kind, name, help, std::move(samples));
  };
  add(Kind::kGauge, "vllm:num_requests_waiting", "Requests waiting for a slot, or for their model.",
      [](const ModelFigures& model) {
        return value(model.stats.requests_deferred) + static_cast<double>(model.n_waiting);
      });
  add(Kind::kGauge, "vllm:num_requests_running", "Slots at work.",
      [](const ModelFigures& model) { return value(model.stats.requests_processing); });
  add(Kind::kGauge, "vllm:kv_cache_usage_perc", "KV positions of running requests, of all; 0 to 1.",
      used_share);
  add(Kind::kGauge, "vllm:gpu_cache_usage_perc", "The same under its old name.", used_share);
  add(Kind::kCounter, "vllm:prompt_tokens_total", "Prompt tokens, cached ones included.",
      n_prompt_tokens);
  add(Kind::kCounter, "vllm:generation_tokens_total", "Tokens generated.",
      [](const ModelFigures& model) { return value(model.stats.predicted_tokens); });
  add(Kind::kCounter, "vllm:prefix_cache_queries_total", "Prompt tokens looked for in the cache.",
      n_prompt_tokens);
  add(Kind::kCounter, "vllm:prefix_cache_hits_total", "Prompt tokens found there.",
      [](const ModelFigures& model) { return value(model.stats.prompt_tokens_cached); });
  add(Kind::kCounter, "vllm:num_preemptions_total",
      "Times a request paused for older ones: the cache had no place for all.",
      [](const ModelFigures& model) { return value(model.stats.pauses); });
  const std::string n_pages = std::to_string(all.n_cache_tokens / model::kPageTokens);
  out.add(
      Kind::kGauge, "vllm:cache_config_info",
      "Always 1; the labels tell the pages of all KV caches and their size.",
      {{{{"block_size", std::to_string(model::kPageTokens)}, {"num_gpu_blocks", n_pages}}, 1.0}});
  out.add(Kind::kGauge, "vllm:lora_requests_info",
          "The time; the labels tell that there are no adapters.",
          {{{{"max_lora", "0"}, {"running_lora_adapters", ""}, {"waiting_lora_adapters", ""}},
            static_cast<double>(now_unix_s)}});
}

}  // namespace samovar::api
