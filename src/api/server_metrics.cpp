#include "api/server_metrics.h"

#include "api/build_info.h"
#include "sys/memory.h"

namespace samovar::api {
namespace {

// Of the two totals, as the counters beside the gauge show them.
double lifetime_rate(const engine::Stats::Counter& tokens, const engine::Stats::Counter& us) {
  return engine::per_second(tokens.load(std::memory_order_relaxed),
                            us.load(std::memory_order_relaxed));
}

double value(const engine::Stats::Counter& counter) {
  return static_cast<double>(counter.load(std::memory_order_relaxed));
}

double kv_capacity(const engine::Engine& engine) {
  return static_cast<double>(engine.options().n_cache_tokens);
}

}  // namespace

ServerMetrics::ServerMetrics(std::function<std::shared_ptr<const ServedModel>()> served)
    : served_(std::move(served)) {
  add_engine_counters();
  add_engine_gauges();
  add_process_gauges();
  registry_
      .gauge("samovar:build_info", "Always 1; the label names the build.",
             {{"version", std::string(build_fingerprint())}})
      .set(1);
}

std::function<double()> ServerMetrics::read(
    std::function<double(const engine::Engine&)> quantity) const {
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
  counter("llamacpp:spec_decode_num_drafts_total", "Drafts checked.", &Stats::drafts);
  counter("llamacpp:spec_decode_num_draft_tokens_total", "Drafted tokens checked.",
          &Stats::drafted_tokens);
  counter("llamacpp:spec_decode_num_accepted_tokens_total", "Drafted tokens that held.",
          &Stats::draft_held_tokens);
  counter("samovar:context_shifts_total", "Times a full context dropped tokens.",
          &Stats::context_shifts);
  counter("samovar:context_shift_tokens_total", "Tokens evaluated again after that.",
          &Stats::shift_tokens);
  counter("samovar:requests_cancelled_total", "Requests whose client went away.",
          &Stats::requests_cancelled);
}

void ServerMetrics::add_engine_gauges() {
  const auto gauge = [this](const char* name, const char* help,
                            std::function<double(const engine::Engine&)> quantity) {
    registry_.gauge_function(name, help, read(std::move(quantity)));
  };
  gauge("llamacpp:prompt_tokens_seconds", "Prompt tokens per second, over the server's life.",
        [](const engine::Engine& e) {
          return lifetime_rate(e.stats().prompt_tokens, e.stats().prompt_us);
        });
  gauge("llamacpp:predicted_tokens_seconds", "Generated tokens per second, over the server's life.",
        [](const engine::Engine& e) {
          return lifetime_rate(e.stats().predicted_tokens, e.stats().predicted_us);
        });
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
