// ServerMetrics: the series of /metrics, read from the engines' atomics when asked. Series of
// engines are sums over the loaded models; counters hold those that are gone, too.
//
// Names and meanings: llama-server's, so that existing boards work; vLLM's, which inference
// gateways read; our own carry "samovar:". docs/guides/metrics.md lists them. Thread: any; never
// waits for the engine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/model_registry.h"
#include "api/request_metrics.h"
#include "api/throughput.h"
#include "base/arena.h"
#include "base/clock.h"
#include "metrics/registry.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace samovar::api {

class ServerMetrics {
 public:
  // BORROWS the registry of models. `model_id`: what vLLM's series call the model.
  ServerMetrics(const ModelRegistry& models, const std::string& model_id, ThroughputWindow window,
                const Clock& clock);

  // `route`: one of a few known paths, or "other".
  void count_request(std::string_view route, int status);
  // `moves_window`: this scrape ends the window of the throughput.
  std::string expose(bool moves_window);
  const RequestMetrics& requests() const { return requests_; }

 private:
  using Cell = engine::Stats::Counter engine::Stats::*;

  void add_engine_counters();
  void add_engine_gauges();
  void add_model_series();
  void add_memory_gauges();
  void add_vllm(const metrics::Labels& labels);
  // Of a counter, over all engines; of a gauge, over those of the loaded models.
  double total(Cell counter) const;
  double now(Cell gauge) const;
  double sum(const std::function<double(const LoadedModelEntry&)>& quantity) const;
  double kv_capacity() const;  // tokens
  double n_waiting() const;    // requests, for a slot or for their model

  const ModelRegistry& models_;
  const Clock& clock_;
  metrics::Registry registry_;
  const RequestMetrics requests_;
  Throughput prompt_throughput_, predicted_throughput_;
  metrics::Gauge prompt_rate_, predicted_rate_;
};

}  // namespace samovar::api
