// ModelFigures: what is counted and held for one model, as of one moment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/stats.h"

#include <cstdint>
#include <string>

namespace samovar::api {

inline double value(const engine::Stats::Counter& counter) {
  return static_cast<double>(counter.load(std::memory_order_relaxed));
}

// Not copyable: figures live in a std::list.
struct ModelFigures {
  std::string id;
  engine::Stats stats;    // counts of all its engines, gauges of the one that is loaded
  int64_t n_waiting = 0;  // requests that wait until it is loaded
  // Of the loaded one, else 0.
  bool loaded = false;
  int64_t n_cache_tokens = 0;
  uint64_t file_bytes = 0, kv_cache_bytes = 0, workspace_bytes = 0;

  // Adds those of another model; the id stays.
  void add(const ModelFigures& other) {
    stats.add_counts(other.stats);
    stats.add_gauges(other.stats);
    n_waiting += other.n_waiting;
    n_cache_tokens += other.n_cache_tokens;
    file_bytes += other.file_bytes;
    kv_cache_bytes += other.kv_cache_bytes;
    workspace_bytes += other.workspace_bytes;
  }
};

}  // namespace samovar::api
