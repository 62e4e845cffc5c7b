// The series that Kubernetes' inference gateways and vLLM's boards read.
#include "api/server_metrics.h"
#include "model/kv_cache.h"

namespace samovar::api {
namespace {

double value(const engine::Stats::Counter& counter) {
  return static_cast<double>(counter.load(std::memory_order_relaxed));
}

// Pages that only wait to be found again are free to whoever asks for a place.
double used_share(const engine::Engine& engine) {
  return value(engine.stats().kv_active_tokens) /
         static_cast<double>(engine.options().n_cache_tokens);
}

}  // namespace

void ServerMetrics::add_vllm(const metrics::Labels& labels) {
  const auto gauge = [&](const char* name, const char* help, Quantity quantity) {
    registry_.gauge_function(name, help, read(std::move(quantity)), labels);
  };
  const auto counter = [&](const char* name, const char* help, Quantity quantity) {
    registry_.counter_function(name, help, read(std::move(quantity)), labels);
  };
  gauge("vllm:num_requests_waiting", "Requests waiting for a slot.",
        [](const engine::Engine& e) { return value(e.stats().requests_deferred); });
  gauge("vllm:num_requests_running", "Slots at work.",
        [](const engine::Engine& e) { return value(e.stats().requests_processing); });
  gauge("vllm:kv_cache_usage_perc", "KV positions of running requests, of all; 0 to 1.",
        used_share);
  gauge("vllm:gpu_cache_usage_perc", "The same under its old name.", used_share);
  counter("vllm:prompt_tokens_total", "Prompt tokens, cached ones included.",
          [](const engine::Engine& e) {
            return value(e.stats().prompt_tokens) + value(e.stats().prompt_tokens_cached);
          });
  counter("vllm:generation_tokens_total", "Tokens generated.",
          [](const engine::Engine& e) { return value(e.stats().predicted_tokens); });
  counter("vllm:prefix_cache_queries_total", "Prompt tokens looked for in the cache.",
          [](const engine::Engine& e) {
            return value(e.stats().prompt_tokens) + value(e.stats().prompt_tokens_cached);
          });
  counter("vllm:prefix_cache_hits_total", "Prompt tokens found there.",
          [](const engine::Engine& e) { return value(e.stats().prompt_tokens_cached); });
  registry_.gauge_samples(
      "vllm:cache_config_info",
      "Always 1; the labels tell the pages of the KV cache and their size.", [this] {
        std::vector<metrics::Registry::Sample> samples;
        const auto served = served_();
        const int64_t n_tokens = served ? served->engine->options().n_cache_tokens : 0;
        samples.push_back({{{"block_size", std::to_string(model::kPageTokens)},
                            {"num_gpu_blocks", std::to_string(n_tokens / model::kPageTokens)}},
                           1});
        return samples;
      });
  registry_.gauge_function(
      "vllm:lora_requests_info", "The time; the labels tell that there are no adapters.",
      [this] { return static_cast<double>(clock_.unix_s()); },
      {{"max_lora", "0"}, {"running_lora_adapters", ""}, {"waiting_lora_adapters", ""}});
}

}  // namespace samovar::api
