#include "api/server_metrics.h"

#include "api/build_info.h"
#include "api/machine_metrics.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace samovar::api {
namespace {

using metrics::Families;

double number(uint64_t value) {
  return static_cast<double>(value);
}

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

// By their place in the draft; none before the first draft.
std::vector<metrics::Sample> held_by_place(const engine::Stats& stats) {
  std::vector<metrics::Sample> samples;
  if (value(stats.drafts) == 0) return samples;
  for (const auto& held : stats.draft_held_at) {
    samples.push_back({{{"position", std::to_string(samples.size())}}, value(held)});
  }
  return samples;
}

void add_engine_counters(const engine::Stats& stats, Families& out) {
  out.counter("llamacpp:prompt_tokens_total", "Prompt tokens evaluated, cached ones excluded.",
              value(stats.prompt_tokens));
  out.counter("llamacpp:prompt_tokens_cached_total", "Prompt tokens taken from the cache.",
              value(stats.prompt_tokens_cached));
  out.counter("llamacpp:prompt_seconds_total", "Seconds spent on prompts.",
              value(stats.prompt_us) * 1e-6);
  out.counter("llamacpp:tokens_predicted_total", "Tokens generated.",
              value(stats.predicted_tokens));
  out.counter("llamacpp:tokens_predicted_seconds_total", "Seconds spent generating.",
              value(stats.predicted_us) * 1e-6);
  out.counter("llamacpp:n_decode_total", "Forward passes.", value(stats.steps));
  out.counter("llamacpp:n_tokens_max", "Tokens of the longest sequence seen.",
              value(stats.max_sequence_tokens));
  out.counter("llamacpp:n_past_max", "The same, as llama-server called it in 2025.",
              value(stats.max_sequence_tokens));
  out.counter("llamacpp:spec_decode_num_drafts_total", "Drafts checked.", value(stats.drafts));
  out.counter("llamacpp:spec_decode_num_draft_tokens_total", "Drafted tokens checked.",
              value(stats.drafted_tokens));
  out.counter("llamacpp:spec_decode_num_accepted_tokens_total", "Drafted tokens that held.",
              value(stats.draft_held_tokens));
  out.add(metrics::Kind::kCounter, "llamacpp:spec_decode_num_accepted_tokens_per_pos_total",
          "Drafted tokens that held, by their place in the draft; not before the first draft.",
          held_by_place(stats));
  out.counter("samovar:context_shifts_total", "Times a full context dropped tokens.",
              value(stats.context_shifts));
  out.counter("samovar:context_shift_tokens_total", "Tokens evaluated again after that.",
              value(stats.shift_tokens));
  out.counter("samovar:requests_cancelled_total", "Requests whose client went away.",
              value(stats.requests_cancelled));
}

void add_engine_gauges(const ModelFigures& all, Families& out) {
  const engine::Stats& stats = all.stats;
  out.gauge("llamacpp:requests_processing", "Slots at work.", value(stats.requests_processing));
  out.gauge("llamacpp:requests_deferred", "Requests waiting for a slot, or for their model.",
            value(stats.requests_deferred) + static_cast<double>(all.n_waiting));
  out.gauge("llamacpp:n_busy_slots_per_decode", "Mean slots with work in a forward pass.",
            ratio(value(stats.busy_slot_steps), value(stats.steps)));
  out.gauge("llamacpp:kv_cache_usage_ratio", "KV positions in use, reusable ones included, of all.",
            ratio(value(stats.kv_tokens), static_cast<double>(all.n_cache_tokens)));
  out.gauge("llamacpp:kv_cache_tokens", "KV positions in use, reusable ones included.",
            value(stats.kv_tokens));
}

void add_model_series(const ModelRegistry::Totals& totals, const std::list<ModelFigures>& models,
                      const ModelFigures& all, Families& out) {
  const auto count = [&](const char* name, const char* help, int64_t n) {
    out.counter(name, help, static_cast<double>(n));
  };
  count("samovar:model_loads_total", "Models loaded.", totals.n_loads);
  count("samovar:model_load_failures_total", "Loads that failed.", totals.n_failures);
  count("samovar:model_unloads_total", "Models unloaded.", totals.n_unloads);
  out.gauge("samovar:models_loaded", "Models in memory.",
            static_cast<double>(std::count_if(models.begin(), models.end(),
                                              [](const auto& model) { return model.loaded; })));
  out.gauge("samovar:models_planned_bytes",
            "Memory that the plans name: the server's own and the loaded models'.",
            number(totals.planned_bytes));
  out.gauge("samovar:model_bytes", "Size of the models' files, which are mapped.",
            number(all.file_bytes));
  out.gauge("samovar:kv_cache_bytes", "Memory set aside for the KV cache.",
            number(all.kv_cache_bytes));
  out.gauge("samovar:workspace_bytes", "Memory for the values between layers.",
            number(all.workspace_bytes));
}

}  // namespace

ServerMetrics::ServerMetrics(const ModelRegistry& models, std::string model_id,
                             ThroughputWindow window, const Clock& clock)
    : models_(models),
      model_id_(std::move(model_id)),
      clock_(clock),
      prompt_throughput_(window),
      predicted_throughput_(window) {
  registry_
      .gauge("samovar:build_info", "Always 1; the label names the build.",
             {{"version", std::string(build_fingerprint())}})
      .set(1);
  if (!model_id_.empty()) requests(model_id_);  // whose series are there from the start
}

std::string ServerMetrics::expose(bool moves_window, plan::PressureRung pressure) {
  std::list<ModelFigures> models = models_.figures();
  if (models.empty()) models.emplace_back().id = model_id_;
  ModelFigures all;
  for (const ModelFigures& model : models) all.add(model);
  Families out;
  add_rates(all.stats, moves_window, out);
  add_engine_counters(all.stats, out);
  add_engine_gauges(all, out);
  add_vllm_metrics(models, all, clock_.unix_s(), out);
  add_model_series(models_.totals(), models, all, out);
  add_machine_metrics(out);
  out.gauge("samovar:memory_pressure_rung",
            "What is given up for lack of memory: 1 caches, 2 idle models, 3 new requests.",
            static_cast<double>(pressure));
  return registry_.expose(out);
}

void ServerMetrics::add_rates(const engine::Stats& stats, bool moves_window, Families& out) {
  const int64_t now_us = clock_.monotonic_us();
  const auto rate = [&](Throughput& throughput, const engine::Stats::Counter& tokens,
                        const engine::Stats::Counter& us) {
    return throughput.read(tokens.load(std::memory_order_relaxed),
                           us.load(std::memory_order_relaxed), now_us, moves_window);
  };
  out.gauge("llamacpp:prompt_tokens_seconds",
            "Prompt tokens per second, as --metrics-throughput says.",
            rate(prompt_throughput_, stats.prompt_tokens, stats.prompt_us));
  out.gauge("llamacpp:predicted_tokens_seconds",
            "Generated tokens per second, as --metrics-throughput says.",
            rate(predicted_throughput_, stats.predicted_tokens, stats.predicted_us));
}

const RequestMetrics& ServerMetrics::requests(const std::string& model_id) {
  MutexLock lock(mutex_);
  const auto found = requests_.find(model_id);
  if (found != requests_.end()) return found->second;
  return requests_.emplace(model_id, RequestMetrics(registry_, {{"model_name", model_id}}))
      .first->second;
}

void ServerMetrics::count_request(std::string_view route, int status) {
  registry_
      .counter("samovar:requests_total", "HTTP requests answered.",
               {{"path", std::string(route)}, {"status", std::to_string(status)}})
      .add();
}

}  // namespace samovar::api
