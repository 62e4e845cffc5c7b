// FairQueue: waiting requests, handed out so that each tenant gets the same share of tokens.
//
// The virtual token counter of Sheng et al. 2024, "Fairness in Serving Large Language Models",
// algorithm 2: a tenant's counter grows by the tokens that were served to it, the waiting tenant
// with the lowest counter is next, and who comes back after a pause starts at the lowest counter of
// those who are there: no one saves up. Requests of one tenant keep their order. Thread: the engine
// thread only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/request.h"

#include <cstdint>
#include <list>
#include <map>

namespace samovar::engine {

struct Queued {
  Request request;
  int64_t queued_us = 0;
};

class FairQueue {
 public:
  bool empty() const { return n_waiting_ == 0; }

  // Takes the messages out of `letters`. On std::bad_alloc the rest is still in there.
  void put(std::list<Queued>& letters);
  // The request that is next; stays so until the queue or a counter changes. REQUIRES: !empty().
  Queued& front();
  void pop_front();
  // Counts tokens that were served to the tenant.
  void charge(uint64_t tenant, int64_t n_tokens);
  // Calls is_over(Queued&) for every waiting request and drops those for which it RETURNS true.
  template <class IsOver>
  void erase_if(const IsOver& is_over) {
    for (auto& [tenant, line] : lines_) {
      n_waiting_ -= static_cast<int64_t>(std::erase_if(line.waiting, is_over));
    }
  }

 private:
  struct Line {
    std::list<Queued> waiting;
    int64_t n_served = 0;
  };
  Line& next_line();
  int64_t least_to_begin_with() const;

  std::map<uint64_t, Line> lines_;  // of every tenant that was ever seen: keys are configured
  int64_t n_waiting_ = 0;
  uint64_t last_tenant_ = 0;  // whose request left last
};

}  // namespace samovar::engine
