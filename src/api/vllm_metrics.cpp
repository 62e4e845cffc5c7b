// The series that Kubernetes' inference gateways and vLLM's boards read.
#include "api/server_metrics.h"
#include "model/kv_cache.h"

namespace samovar::api {

void ServerMetrics::add_vllm(const metrics::Labels& labels) {
  using engine::Stats;
  using Read = std::function<double()>;
  const auto gauge = [&](const char* name, const char* help, Read read) {
    registry_.gauge_function(name, help, std::move(read), labels);
  };
  const auto counter = [&](const char* name, const char* help, Read read) {
    registry_.counter_function(name, help, std::move(read), labels);
  };
  gauge("vllm:num_requests_waiting", "Requests waiting for a slot, or for their model.",
        [this] { return n_waiting(); });
  gauge("vllm:num_requests_running", "Slots at work.",
        [this] { return now(&Stats::requests_processing); });
  // Pages that only wait to be found again are free to whoever asks for a place.
  const auto used_share = [this] {
    const double capacity = kv_capacity();
    return capacity > 0 ? now(&Stats::kv_active_tokens) / capacity : 0;
  };
  gauge("vllm:kv_cache_usage_perc", "KV positions of running requests, of all; 0 to 1.",
        used_share);
  gauge("vllm:gpu_cache_usage_perc", "The same under its old name.", used_share);
  const auto prompt_tokens = [this] {
    return total(&Stats::prompt_tokens) + total(&Stats::prompt_tokens_cached);
  };
  counter("vllm:prompt_tokens_total", "Prompt tokens, cached ones included.", prompt_tokens);
  counter("vllm:generation_tokens_total", "Tokens generated.",
          [this] { return total(&Stats::predicted_tokens); });
  counter("vllm:prefix_cache_queries_total", "Prompt tokens looked for in the cache.",
          prompt_tokens);
  counter("vllm:prefix_cache_hits_total", "Prompt tokens found there.",
          [this] { return total(&Stats::prompt_tokens_cached); });
  registry_.gauge_samples(
      "vllm:cache_config_info",
      "Always 1; the labels tell the pages of the KV cache and their size.", [this] {
        std::vector<metrics::Registry::Sample> samples;
        const auto n_tokens = static_cast<int64_t>(kv_capacity());
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
