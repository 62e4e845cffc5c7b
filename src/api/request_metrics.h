// RequestMetrics: how long requests waited, began and took, and how they ended, as histograms and
// counters under our names and vLLM's.
//
// Thread: any. BORROWS the registry. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/request.h"
#include "metrics/registry.h"

#include <cstdint>
#include <vector>

namespace samovar::api {

class RequestMetrics {
 public:
  // `vllm_labels`: of the series with vLLM's names.
  RequestMetrics(metrics::Registry& registry, const metrics::Labels& vllm_labels);

  // One engine request as its events come; one thread at a time.
  class Watch {
   public:
    explicit Watch(const RequestMetrics* metrics) : metrics_(metrics) {}  // null: watches nothing
    // `gone`: the client is, so that the end is no answer.
    void on_event(const engine::Event& event, bool gone);

   private:
    const RequestMetrics* metrics_;
    int64_t token_us_ = -1;  // of the last token, since the first; -1: none yet
  };

 private:
  // One value, seen under each of its names.
  struct Seconds {
    std::vector<metrics::Histogram> series;
    void observe_us(int64_t us) const;
  };
  void on_done(const engine::Event& event, bool gone) const;

  Seconds queue_wait_, first_token_, inter_token_, duration_;
  std::vector<metrics::Counter> ends_;  // by End
};

}  // namespace samovar::api
