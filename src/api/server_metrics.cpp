#include "api/server_metrics.h"

#include "api/build_info.h"
#include "sys/memory.h"

namespace samovar::api {
namespace {

double value(const engine::Stats::Counter& counter) {
  return static_cast<double>(counter.load(std::memory_order_relaxed));
}

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

}  // namespace

ServerMetrics::ServerMetrics(const ModelRegistry& models) : models_(models) {
  add_engine_counters();
  add_engine_gauges();
  add_model_series();
  add_process_gauges();
  registry_
      .gauge("samovar:build_info", "Always 1; the label names the build.",
             {{"version", std::string(build_fingerprint())}})
      .set(1);
}

double ServerMetrics::total(engine::Stats::Counter engine::Stats::*counter) const {
  return static_cast<double>(models_.total(counter));
}

double ServerMetrics::sum(const std::function<double(const LoadedModelEntry&)>& quantity) const {
  double sum = 0;
  models_.each_loaded([&](const LoadedModelEntry& entry) { sum += quantity(entry); });
  return sum;
}

void ServerMetrics::add_engine_counters() {
  using Cell = engine::Stats::Counter engine::Stats::*;
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
  registry_.counter_function("llamacpp:n_tokens_max", "Tokens of the longest sequence seen.",
                             [this] { return static_cast<double>(models_.longest_sequence()); });
  counter("llamacpp:spec_decode_num_drafts_total", "Drafts checked.", &Stats::drafts);
  counter("llamacpp:spec_decode_num_draft_tokens_total", "Drafted tokens checked.",
          &Stats::drafted_tokens);
  counter("llamacpp:spec_decode_num_accepted_tokens_total", "Drafted tokens that held.",
          &Stats::draft_held_tokens);
  counter("samovar:requests_cancelled_total", "Requests whose client went away.",
          &Stats::requests_cancelled);
}

void ServerMetrics::add_engine_gauges() {
  using engine::Stats;
  const auto gauge = [this](const char* name, const char* help, std::function<double()> read) {
    registry_.gauge_function(name, help, std::move(read));
  };
  // Of what the loaded models hold now.
  const auto now = [this](Stats::Counter Stats::*cell) {
    return sum(
        [&](const LoadedModelEntry& entry) { return value(entry.model->engine->stats().*cell); });
  };
  // As the two counters show it.
  const auto rate = [this](Stats::Counter Stats::*tokens, Stats::Counter Stats::*us) {
    return engine::per_second(models_.total(tokens), models_.total(us));
  };
  gauge("llamacpp:prompt_tokens_seconds", "Prompt tokens per second, over the server's life.",
        [rate] { return rate(&Stats::prompt_tokens, &Stats::prompt_us); });
  gauge("llamacpp:predicted_tokens_seconds", "Generated tokens per second, over the server's life.",
        [rate] { return rate(&Stats::predicted_tokens, &Stats::predicted_us); });
  gauge("llamacpp:requests_processing", "Slots at work.",
        [now] { return now(&Stats::requests_processing); });
  gauge("llamacpp:requests_deferred", "Requests waiting for a slot, or for their model.",
        [this, now] {
          return now(&Stats::requests_deferred) + static_cast<double>(models_.totals().n_waiting);
        });
  gauge("llamacpp:n_busy_slots_per_decode", "Mean slots with work in a forward pass.",
        [this] { return ratio(total(&Stats::busy_slot_steps), total(&Stats::steps)); });
  gauge("llamacpp:kv_cache_usage_ratio", "KV positions in use, reusable ones included, of all.",
        [this, now] {
          return ratio(now(&Stats::kv_tokens), sum([](const LoadedModelEntry& entry) {
                         return static_cast<double>(entry.model->engine->options().n_cache_tokens);
                       }));
        });
  gauge("llamacpp:kv_cache_tokens", "KV positions in use, reusable ones included.",
        [now] { return now(&Stats::kv_tokens); });
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
                           "Memory that the plans of the loaded models name.", [this] {
                             return sum([](const LoadedModelEntry& entry) {
                               return static_cast<double>(entry.reserved_bytes);
                             });
                           });
}

void ServerMetrics::add_process_gauges() {
  const auto gauge = [this](const char* name, const char* help,
                            uint64_t sys::ProcessMemory::*member) {
    registry_.gauge_function(
        name, help, [member] { return static_cast<double>(sys::process_memory().*member); });
  };
  gauge("samovar:resident_bytes", "Resident memory, mapped weights included.",
        &sys::ProcessMemory::resident_bytes);
  gauge("samovar:anonymous_bytes", "Resident memory that is not file-backed.",
        &sys::ProcessMemory::anonymous_bytes);
  gauge("samovar:swapped_bytes", "Memory of this process in swap or zram.",
        &sys::ProcessMemory::swapped_bytes);
  registry_.counter_function(
      "samovar:major_faults_total", "Page faults that had to read from disk.",
      [] { return static_cast<double>(sys::process_memory().major_faults); });
}

void ServerMetrics::count_request(std::string_view route, int status) {
  registry_
      .counter("samovar:requests_total", "HTTP requests answered.",
               {{"path", std::string(route)}, {"status", std::to_string(status)}})
      .add();
}

}  // namespace samovar::api
