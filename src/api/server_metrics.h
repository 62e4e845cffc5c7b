// ServerMetrics: the series of /metrics, read from the engines' atomics when asked. Series of
// engines are sums over the loaded models; counters hold those that are gone, too.
//
// Names and meanings: llama-server's, so that existing boards work; our own carry "samovar:".
// Thread: any; never waits for the engine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/model_registry.h"
#include "metrics/registry.h"

#include <functional>
#include <string>
#include <string_view>

namespace samovar::api {

class ServerMetrics {
 public:
  // BORROWS the registry.
  explicit ServerMetrics(const ModelRegistry& models);

  // `route`: one of a few known paths, or "other".
  void count_request(std::string_view route, int status);
  std::string expose() const { return registry_.expose(); }

 private:
  void add_engine_counters();
  void add_engine_gauges();
  void add_model_series();
  void add_process_gauges();
  double total(engine::Stats::Counter engine::Stats::*counter) const;
  double sum(const std::function<double(const LoadedModelEntry&)>& quantity) const;

  const ModelRegistry& models_;
  metrics::Registry registry_;
};

}  // namespace samovar::api
