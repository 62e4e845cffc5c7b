// ServerMetrics: the series of /metrics, read from the engine's atomics when asked.
//
// Names and meanings: llama-server's, so that existing boards work; vLLM's, which inference
// gateways read; our own carry "samovar:". docs/guides/metrics.md lists them. Thread: any; never
// waits for the engine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/request_metrics.h"
#include "api/served_model.h"
#include "api/throughput.h"
#include "base/clock.h"
#include "metrics/registry.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace samovar::api {

class ServerMetrics {
 public:
  using Served = std::function<std::shared_ptr<const ServedModel>()>;

  // `served` gives the model that is served now, or null while loading; `model_id`: what vLLM's
  // series call it.
  ServerMetrics(Served served, const std::string& model_id, ThroughputWindow window,
                const Clock& clock);

  // `route`: one of a few known paths, or "other".
  void count_request(std::string_view route, int status);
  // `moves_window`: this scrape ends the window of the throughput.
  std::string expose(bool moves_window);
  const RequestMetrics& requests() const { return requests_; }

 private:
  void add_engine_counters();
  void add_engine_gauges();
  void add_memory_gauges();
  void add_vllm(const metrics::Labels& labels);
  using Quantity = std::function<double(const engine::Engine&)>;
  // A reader of one engine quantity; 0 while no model is served.
  std::function<double()> read(Quantity quantity) const;

  const Served served_;
  const Clock& clock_;
  metrics::Registry registry_;
  const RequestMetrics requests_;
  Throughput prompt_throughput_, predicted_throughput_;
  metrics::Gauge prompt_rate_, predicted_rate_;
};

}  // namespace samovar::api
