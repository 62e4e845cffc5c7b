// ServerMetrics: the series of /metrics. Those of engines are read from their atomics, once for a
// scrape.
//
// Names and meanings: llama-server's, so that existing boards work: sums over all models; vLLM's,
// which inference gateways read: of each model; our own carry "samovar:". docs/guides/metrics.md
// lists them. Thread: any; never waits for the engine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/model_registry.h"
#include "api/request_metrics.h"
#include "api/throughput.h"
#include "base/clock.h"
#include "base/sync.h"
#include "metrics/registry.h"
#include "plan/pressure_ladder.h"

#include <list>
#include <map>
#include <string>
#include <string_view>

namespace samovar::api {

class ServerMetrics {
 public:
  // BORROWS the registry of models. `model_id`: of the only model, which is shown before it is
  // loaded; empty: there are several, each is shown once it was asked for.
  ServerMetrics(const ModelRegistry& models, std::string model_id, ThroughputWindow window,
                const Clock& clock);

  // `route`: one of a few known paths, or "other".
  void count_request(std::string_view route, int status);
  // `moves_window`: this scrape ends the window of the throughput.
  std::string expose(bool moves_window, plan::PressureRung pressure);
  // Of requests to one model.
  const RequestMetrics& requests(const std::string& model_id);

 private:
  void add_rates(const engine::Stats& stats, bool moves_window, metrics::Families& out);

  const ModelRegistry& models_;
  const std::string model_id_;
  const Clock& clock_;
  metrics::Registry registry_;
  Throughput prompt_throughput_, predicted_throughput_;
  Mutex mutex_;
  std::map<std::string, RequestMetrics> requests_ SAMOVAR_TSA(guarded_by(mutex_));
};

// What vLLM's names stand for. `all`: the sum of `models`.
void add_vllm_metrics(const std::list<ModelFigures>& models, const ModelFigures& all,
                      int64_t now_unix_s, metrics::Families& out);

}  // namespace samovar::api
