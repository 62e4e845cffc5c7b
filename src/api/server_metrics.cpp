#include "api/server_metrics.h"

#include "api/build_info.h"
#include "api/machine_metrics.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr const char* kWindow = "as --metrics-throughput says";

double value(const engine::Stats::Counter& counter) {
  return static_cast<double>(counter.load(std::memory_order_relaxed));
}

double kv_capacity(const engine::Engine& engine) {
  return static_cast<double>(engine.options().n_cache_tokens);
}

}  // namespace

ServerMetrics::ServerMetrics(Served served, const std::string& model_id, ThroughputWindow window,
                             const Clock& clock)
    : served_(std::move(served)),
      clock_(clock),
      requests_(registry_, {{"model_name", model_id}}),
      prompt_throughput_(window),
      predicted_throughput_(window),
      prompt_rate_(registry_.gauge("llamacpp:prompt_tokens_seconds",
                                   fmt::format("Prompt tokens per second, {}.", kWindow))),
      predicted_rate_(registry_.gauge("llamacpp:predicted_tokens_seconds",
                                      fmt::format("Generated tokens per second, {}.", kWindow))) {
  add_engine_counters();
  add_engine_gauges();
  add_memory_gauges();
  add_machine_metrics(registry_);
  add_vllm({{"model_name", model_id}});
  registry_
      .gauge("samovar:build_info", "Always 1; the label names the build.",
             {{"version", std::string(build_fingerprint())}})
      .set(1);
}

std::string ServerMetrics::expose(bool moves_window) {
  if (const auto served = served_()) {
    const engine::Stats& stats = served->engine->stats();
    const int64_t now_us = clock_.monotonic_us();
    const auto rate = [&](Throughput& throughput, const engine::Stats::Counter& tokens,
                          const engine::Stats::Counter& us) {
      return throughput.read(tokens.load(std::memory_order_relaxed),
                             us.load(std::memory_order_relaxed), now_us, moves_window);
    };
    prompt_rate_.set(rate(prompt_throughput_, stats.prompt_tokens, stats.prompt_us));
    predicted_rate_.set(rate(predicted_throughput_, stats.predicted_tokens, stats.predicted_us));
  }
  return registry_.expose();
}

std::function<double()> ServerMetrics::read(Quantity quantity) const {
  return [this, quantity = std::move(quantity)] {
    const auto served = served_();
    return served ? quantity(*served->engine) : 0.0;
  };
}

void ServerMetrics::add_engine_counters() {
  using Cell = engine::Stats::Counter engine::Stats::*;
  const auto counter = [this](const char* name, const char* help, Cell cell, double unit = 1) {
    registry_.counter_function(name, help, read([cell, unit](const engine::Engine& engine) {
                                 return value(engine.stats().*cell) * unit;
                               }));
  };
  using engine::Stats;
  counter("llamacpp:prompt_tokens_total", "Prompt tokens evaluated, cached ones excluded.",
          &Stats::prompt_tokens);
  counter("llamacpp:prompt_tokens_cached_total", "Prompt tokens taken from the cache.",
          &Stats::prompt_tokens_cached);
  counter("llamacpp:prompt_seconds_total", "Seconds spent on prompts.", &Stats::prompt_us, 1e-6);
  counter("llamacpp:tokens_predicted_total", "Tokens generated.", &Stats::predicted_tokens);
  counter("llamacpp:tokens_predicted_seconds_total", "Seconds spent generating.",
          &Stats::predicted_us, 1e-6);
  counter("llamacpp:n_decode_total", "Forward passes.", &Stats::steps);
  counter("llamacpp:n_tokens_max", "Tokens of the longest sequence seen.",
          &Stats::max_sequence_tokens);
  counter("llamacpp:n_past_max", "The same, as llama-server called it in 2025.",
          &Stats::max_sequence_tokens);
  counter("llamacpp:spec_decode_num_drafts_total", "Drafts checked.", &Stats::drafts);
  counter("llamacpp:spec_decode_num_draft_tokens_total", "Drafted tokens checked.",
          &Stats::drafted_tokens);
  counter("llamacpp:spec_decode_num_accepted_tokens_total", "Drafted tokens that held.",
          &Stats::draft_held_tokens);
  registry_.counter_samples(
      "llamacpp:spec_decode_num_accepted_tokens_per_pos_total",
      "Drafted tokens that held, by their place in the draft; not before the first draft.", [this] {
        std::vector<metrics::Registry::Sample> samples;
        const auto served = served_();
        if (!served || value(served->engine->stats().drafts) == 0) return samples;
        for (const auto& held : served->engine->stats().draft_held_at) {
          samples.push_back({{{"position", std::to_string(samples.size())}}, value(held)});
        }
        return samples;
      });
  counter("samovar:requests_cancelled_total", "Requests whose client went away.",
          &Stats::requests_cancelled);
}

void ServerMetrics::add_engine_gauges() {
  const auto gauge = [this](const char* name, const char* help, Quantity quantity) {
    registry_.gauge_function(name, help, read(std::move(quantity)));
  };
  gauge("llamacpp:requests_processing", "Slots at work.",
        [](const engine::Engine& e) { return value(e.stats().requests_processing); });
  gauge("llamacpp:requests_deferred", "Requests waiting for a slot.",
        [](const engine::Engine& e) { return value(e.stats().requests_deferred); });
  gauge("llamacpp:n_busy_slots_per_decode", "Mean slots with work in a forward pass.",
        [](const engine::Engine& e) {
          const double steps = value(e.stats().steps);
          return steps > 0 ? value(e.stats().busy_slot_steps) / steps : 0;
        });
  gauge("llamacpp:kv_cache_usage_ratio", "KV positions in use, reusable ones included, of all.",
        [](const engine::Engine& e) { return value(e.stats().kv_tokens) / kv_capacity(e); });
  gauge("llamacpp:kv_cache_tokens", "KV positions in use, reusable ones included.",
        [](const engine::Engine& e) { return value(e.stats().kv_tokens); });
}

void ServerMetrics::add_memory_gauges() {
  registry_.gauge_function(
      "samovar:model_bytes", "Size of the model's file, which is mapped.", [this] {
        const auto served = served_();
        return served ? static_cast<double>(served->model->file().size_bytes()) : 0.0;
      });
  const auto gauge = [this](const char* name, const char* help, MemoryUse use) {
    registry_.gauge_function(name, help, [this, use] {
      const auto served = served_();
      return served ? static_cast<double>(served->ledger->used_bytes(use)) : 0.0;
    });
  };
  gauge("samovar:kv_cache_bytes", "Memory set aside for the KV cache.", MemoryUse::kKvCache);
  gauge("samovar:workspace_bytes", "Memory for the values between layers.", MemoryUse::kWorkspace);
}

void ServerMetrics::count_request(std::string_view route, int status) {
  registry_
      .counter("samovar:requests_total", "HTTP requests answered.",
               {{"path", std::string(route)}, {"status", std::to_string(status)}})
      .add();
}

}  // namespace samovar::api
