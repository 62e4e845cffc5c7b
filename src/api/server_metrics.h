// ServerMetrics: the series of /metrics, read from the engine's atomics when asked.
//
// Names and meanings: llama-server's, so that existing boards work; our own carry "samovar:".
// Thread: any; never waits for the engine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/served_model.h"
#include "metrics/registry.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace samovar::api {

class ServerMetrics {
 public:
  // `served` gives the model that is served now, or null while loading.
  explicit ServerMetrics(std::function<std::shared_ptr<const ServedModel>()> served);

  // `route`: one of a few known paths, or "other".
  void count_request(std::string_view route, int status);
  std::string expose() const { return registry_.expose(); }

 private:
  void add_engine_counters();
  void add_engine_gauges();
  void add_process_gauges();
  // A reader of one engine quantity; 0 while no model is served.
  std::function<double()> read(std::function<double(const engine::Engine&)> quantity) const;

  std::function<std::shared_ptr<const ServedModel>()> served_;
  metrics::Registry registry_;
};

}  // namespace samovar::api
