#include "store/meter.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace samovar::store {
namespace {

constexpr int64_t kReportEveryUs = 100'000;
constexpr int64_t kWindowUs = 5'000'000;

}  // namespace

Status Meter::begin(Phase phase, std::string note, uint64_t bytes_total) {
  now_ = Progress{phase, 0, bytes_total, 0, std::move(note), now_.model_bytes};
  window_.clear();
  return report();
}

Status Meter::expect_model(uint64_t bytes) {
  now_.model_bytes = bytes;
  return report();
}

Status Meter::advance_to(uint64_t bytes_done) {
  bytes_done = std::max(bytes_done, now_.bytes_done);
  now_.bytes_done = bytes_done;
  const int64_t now_us = clock_.monotonic_us();
  const bool complete = now_.bytes_total != 0 && bytes_done == now_.bytes_total;
  if (now_us - reported_us_ < kReportEveryUs && !complete) return {};

  // What was there before the phase began (a resumed pull) is no part of the rate.
  while (window_.size() > 1 && now_us - window_.front().at_us > kWindowUs) window_.pop_front();
  if (!window_.empty() && now_us > window_.front().at_us) {
    now_.bytes_per_s = static_cast<double>(bytes_done - window_.front().bytes_done) * 1e6 /
                       static_cast<double>(now_us - window_.front().at_us);
  }
  window_.push_back({now_us, bytes_done});
  return report();
}

Status Meter::pause(int64_t ms) {
  for (int64_t left_ms = ms; left_ms > 0; left_ms -= 100) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min<int64_t>(left_ms, 100)));
    SAMOVAR_TRY(tick());
  }
  return {};
}

Status Meter::report() {
  reported_us_ = clock_.monotonic_us();
  const bool is_cancelled = cancel_ != nullptr && *cancel_;
  if (is_cancelled || (sink_ && !sink_(now_)))
    return cancelled("the pull was stopped; what was fetched is kept");
  return {};
}

}  // namespace samovar::store
