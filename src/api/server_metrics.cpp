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

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

}  // namespace

ServerMetrics::ServerMetrics(const ModelRegistry& models, const std::string& model_id,
                             ThroughputWindow window, const Clock& clock)
    : models_(models),
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
  add_model_series();
  add_memory_gauges();
  add_machine_metrics(registry_);
  add_vllm({{"model_name", model_id}});
  registry_
      .gauge("samovar:build_info", "Always 1; the label names the build.",
             {{"version", std::string(build_fingerprint())}})
      .set(1);
}

std::string ServerMetrics::expose(bool moves_window) {
  engine::Stats stats;
  models_.count(stats);
  const int64_t now_us = clock_.monotonic_us();
  const auto rate = [&](Throughput& throughput, const engine::Stats::Counter& tokens,
                        const engine::Stats::Counter& us) {
    return throughput.read(tokens.load(std::memory_order_relaxed),
                           us.load(std::memory_order_relaxed), now_us, moves_window);
  };
  prompt_rate_.set(rate(prompt_throughput_, stats.prompt_tokens, stats.prompt_us));
  predicted_rate_.set(rate(predicted_throughput_, stats.predicted_tokens, stats.predicted_us));
  return registry_.expose();
}

double ServerMetrics::total(Cell counter) const {
  return static_cast<double>(models_.total(counter));
}

double ServerMetrics::now(Cell gauge) const {
  return sum(
      [&](const LoadedModelEntry& entry) { return value(entry.model->engine->stats().*gauge); });
}

double ServerMetrics::sum(const std::function<double(const LoadedModelEntry&)>& quantity) const {
  double sum = 0;
  models_.each_loaded([&](const LoadedModelEntry& entry) { sum += quantity(entry); });
  return sum;
}

double ServerMetrics::kv_capacity() const {
  return sum([](const LoadedModelEntry& entry) {
    return static_cast<double>(entry.model->engine->options().n_cache_tokens);
  });
}

double ServerMetrics::n_waiting() const {
  return now(&engine::Stats::requests_deferred) + static_cast<double>(models_.totals().n_waiting);
}

void ServerMetrics::add_engine_counters() {
  const auto counter = [this](const char* name, const char* help, Cell cell, double unit = 1) {
    registry_.counter_function(name, help, [this, cell, unit] { return total(cell) * unit; });
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
        Stats stats;
        models_.count(stats);
        if (value(stats.drafts) == 0) return samples;
        for (const auto& held : stats.draft_held_at) {
          samples.push_back({{{"position", std::to_string(samples.size())}}, value(held)});
        }
        return samples;
      });
  counter("samovar:context_shifts_total", "Times a full context dropped tokens.",
          &Stats::context_shifts);
  counter("samovar:context_shift_tokens_total", "Tokens evaluated again after that.",
          &Stats::shift_tokens);
  counter("samovar:requests_cancelled_total", "Requests whose client went away.",
          &Stats::requests_cancelled);
}

void ServerMetrics::add_engine_gauges() {
  using engine::Stats;
  const auto gauge = [this](const char* name, const char* help, std::function<double()> read) {
    registry_.gauge_function(name, help, std::move(read));
  };
  gauge("llamacpp:requests_processing", "Slots at work.",
        [this] { return now(&Stats::requests_processing); });
  gauge("llamacpp:requests_deferred", "Requests waiting for a slot, or for their model.",
        [this] { return n_waiting(); });
  gauge("llamacpp:n_busy_slots_per_decode", "Mean slots with work in a forward pass.",
        [this] { return ratio(total(&Stats::busy_slot_steps), total(&Stats::steps)); });
  gauge("llamacpp:kv_cache_usage_ratio", "KV positions in use, reusable ones included, of all.",
        [this] { return ratio(now(&Stats::kv_tokens), kv_capacity()); });
  gauge("llamacpp:kv_cache_tokens", "KV positions in use, reusable ones included.",
        [this] { return now(&Stats::kv_tokens); });
}

void ServerMetrics::add_model_series() {
  using Totals = ModelRegistry::Totals;
  const auto counter = [this](const char* name, const char* help, int64_t Totals::*member) {
    registry_.counter_function(
        name, help, [this, member] { return static_cast<double>(models_.totals().*member); });
  };
  counter("samovar:model_loads_total", "Models loaded.", &Totals::n_loads);
  counter("samovar:model_load_failures_total", "Loads that failed.", &Totals::n_failures);
  counter("samovar:model_unloads_total", "Models unloaded.", &Totals::n_unloads);
  registry_.gauge_function("samovar:models_loaded", "Models in memory.",
                           [this] { return sum([](const auto&) { return 1.0; }); });
  registry_.gauge_function("samovar:models_planned_bytes",
                           "Memory that the plans name: the server's own and the loaded models'.",
                           [this] { return static_cast<double>(models_.planned_bytes()); });
}

void ServerMetrics::add_memory_gauges() {
  registry_.gauge_function("samovar:model_bytes", "Size of the models' files, which are mapped.",
                           [this] {
                             return sum([](const LoadedModelEntry& entry) {
                               return static_cast<double>(entry.model->model->file().size_bytes());
                             });
                           });
  const auto gauge = [this](const char* name, const char* help, MemoryUse use) {
    registry_.gauge_function(name, help, [this, use] {
      return sum([use](const LoadedModelEntry& entry) {
        return static_cast<double>(entry.model->ledger->used_bytes(use));
      });
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
