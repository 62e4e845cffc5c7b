#include "engine/fair_queue.h"

#include "base/check.h"

#include <algorithm>
#include <limits>

namespace samovar::engine {

void FairQueue::put(std::list<Queued>& letters) {
  while (!letters.empty()) {
    Line& line = lines_[letters.front().request.tenant];
    if (line.waiting.empty()) line.n_served = std::max(line.n_served, least_to_begin_with());
    line.waiting.splice(line.waiting.end(), letters, letters.begin());
    ++n_waiting_;
  }
}

int64_t FairQueue::least_to_begin_with() const {
  if (empty()) {
    const auto last = lines_.find(last_tenant_);
    return last == lines_.end() ? 0 : last->second.n_served;
  }
  int64_t lowest = std::numeric_limits<int64_t>::max();
  for (const auto& [tenant, line] : lines_) {
    if (!line.waiting.empty()) lowest = std::min(lowest, line.n_served);
  }
  return lowest;
}

FairQueue::Line& FairQueue::next_line() {
  SAMOVAR_CHECK(!empty());
  Line* next = nullptr;
  for (auto& [tenant, line] : lines_) {
    if (line.waiting.empty()) continue;
    if (next == nullptr || line.n_served < next->n_served) next = &line;
  }
  return *next;
}

Queued& FairQueue::front() {
  return next_line().waiting.front();
}

void FairQueue::pop_front() {
  std::list<Queued>& waiting = next_line().waiting;
  last_tenant_ = waiting.front().request.tenant;
  waiting.pop_front();
  --n_waiting_;
}

void FairQueue::charge(uint64_t tenant, int64_t n_tokens) {
  const auto line = lines_.find(tenant);
  if (line != lines_.end()) line->second.n_served += n_tokens;
}

}  // namespace samovar::engine
